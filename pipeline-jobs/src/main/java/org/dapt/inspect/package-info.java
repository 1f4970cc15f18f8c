/** Says in words what a folder or file of dapt holds. */
package org.dapt.inspect;
