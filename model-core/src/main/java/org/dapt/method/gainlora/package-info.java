/** GainLoRA (arXiv 2505.15424): a gate of the input in front of every task's block. */
package org.dapt.method.gainlora;
