/** Answers to inputs whose task nobody names: a whole file of them on Spark, or line by line. */
package org.dapt.predict;
