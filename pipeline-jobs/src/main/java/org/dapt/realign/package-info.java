/** Fits the selection module of a bank of blocks again, without the language model. */
package org.dapt.realign;
