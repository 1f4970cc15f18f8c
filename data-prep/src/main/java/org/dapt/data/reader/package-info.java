/** Readers of the benchmark formats: streaming, so that memory does not grow with a file. */
package org.dapt.data.reader;
