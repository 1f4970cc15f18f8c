/** InfLoRA (arXiv 2404.00228): blocks that leave the inputs of earlier tasks alone. */
package org.dapt.method.inflora;
