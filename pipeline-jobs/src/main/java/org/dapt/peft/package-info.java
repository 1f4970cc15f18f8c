/** Blocks of a run as adapters of PEFT, and adapters as blocks of a run. */
package org.dapt.peft;
