/**
 * States of training inside a task, so that work that was cut off goes on instead of starting
 * again.
 */
package org.dapt.checkpoint;
