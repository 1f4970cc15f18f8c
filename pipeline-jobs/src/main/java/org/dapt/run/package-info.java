/**
 * The run directory: what a run is, where its parts lie, which of them are finished, and who may
 * write.
 */
package org.dapt.run;
