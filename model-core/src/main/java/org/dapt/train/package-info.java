/** Learning one task: parameters, optimizer, micro-batches and the step that every rank takes. */
package org.dapt.train;
