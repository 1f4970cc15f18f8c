/** Fits a selection module by Deeplearning4j on Spark. */
package org.dapt.realign.dl4j;
