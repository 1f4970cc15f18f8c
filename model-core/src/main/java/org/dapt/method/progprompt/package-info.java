/**
 * Progressive Prompts (arXiv 2301.12314): a new prompt for every task, in front of all earlier
 * ones.
 */
package org.dapt.method.progprompt;
