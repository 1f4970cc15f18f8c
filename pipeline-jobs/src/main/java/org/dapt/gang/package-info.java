/** Runs one function per rank, all at the same time, as a barrier stage of Spark. */
package org.dapt.gang;
