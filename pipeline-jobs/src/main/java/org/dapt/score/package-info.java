/** The table of scores, one row per score, and the score matrices read from it. */
package org.dapt.score;
