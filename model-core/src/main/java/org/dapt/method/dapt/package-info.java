/**
 * The dual attention method (arXiv 2401.08295): query network, keys, shared attention and the
 * reflection loss, over LoRA blocks or soft prompts.
 */
package org.dapt.method.dapt;
