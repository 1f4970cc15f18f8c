/**
 * The steps of a rank and the checkpoints between them, so that work that was cut off goes on
 * instead of starting again.
 */
package org.dapt.loop;
