/** The tensor engine underneath: native libraries, devices, element types, memory scopes. */
package org.dapt.tensor;
