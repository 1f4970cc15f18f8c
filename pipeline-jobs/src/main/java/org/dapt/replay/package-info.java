/** Replayed inputs of earlier tasks: drawn from their data, given, or generated. */
package org.dapt.replay;
