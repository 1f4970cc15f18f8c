/**
 * What the training of {@code org.dapt.train} gets from a cluster: batches out of shards, a line of
 * progress, and checkpoints, so that work that was cut off goes on instead of starting again.
 */
package org.dapt.loop;
