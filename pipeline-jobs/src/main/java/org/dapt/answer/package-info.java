/** Answering inputs with the model of a run, one batch after the other. */
package org.dapt.answer;
