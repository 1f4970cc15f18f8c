/** Learning to Prompt (arXiv 2112.08654): prompts of one pool, chosen for every input by keys. */
package org.dapt.method.l2p;
