/** Measurements for capacity planning: steps, decoding, tokenising and the exchange. */
package org.dapt.bench;
