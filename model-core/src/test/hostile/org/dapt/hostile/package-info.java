/** A seeded generator of broken inputs, compiled into the tests of every module. */
package org.dapt.hostile;
