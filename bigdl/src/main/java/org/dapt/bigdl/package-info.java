/** Sums gradients by the AllReduceParameter of BigDL, over the block managers of Spark. */
package org.dapt.bigdl;
