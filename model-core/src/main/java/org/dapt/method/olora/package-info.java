/** O-LoRA (arXiv 2310.14152): blocks in subspaces that are orthogonal to each other. */
package org.dapt.method.olora;
