/**
 * Spaces of inputs that earlier tasks need: gradient projection memory, which is grown from second
 * moments alone (Saha et al., ICLR 2021, arXiv 2103.09762; DualGPM of Liang and Li, CVPR 2023).
 */
package org.dapt.method.subspace;
