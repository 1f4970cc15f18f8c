/** Pseudo samples of learnt tasks: their form as text, and what was drawn. */
package org.dapt.replay;
