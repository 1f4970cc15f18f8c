/** Replay: one block that also learns from kept examples of all earlier tasks. */
package org.dapt.method.replay;
