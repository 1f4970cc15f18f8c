/**
 * PFD (Cheng et al., ICML 2025): a block for every task, and in every adapted layer the block whose
 * task's mean feature is nearest to that of the input.
 */
package org.dapt.method.pfd;
