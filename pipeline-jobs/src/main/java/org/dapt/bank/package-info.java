/** Changes which learnt blocks a run has, and what chooses among them. */
package org.dapt.bank;
