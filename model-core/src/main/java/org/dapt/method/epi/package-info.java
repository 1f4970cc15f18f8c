/**
 * EPI (Wang et al., ACL 2023): a block for every task, and the block for an input by the distance
 * of the frozen model's features to those of the tasks.
 */
package org.dapt.method.epi;
