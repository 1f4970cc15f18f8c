/** Turning inputs into answers. */
package org.dapt.decode;
