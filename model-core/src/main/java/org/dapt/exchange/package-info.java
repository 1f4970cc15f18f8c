/**
 * Sums gradients over the ranks of a gang: the contract, and the exchanges that need no cluster
 * software.
 */
package org.dapt.exchange;
