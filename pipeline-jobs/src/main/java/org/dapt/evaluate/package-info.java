/** Evaluation of every task learnt so far: answers, scores, mean attention. */
package org.dapt.evaluate;
