/** Sums gradients through the block managers of Spark's executors. */
package org.dapt.gang.spark;
