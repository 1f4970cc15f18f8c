/**
 * LFPT5 (Qin and Joty, ICLR 2022): one soft prompt that answers tasks and makes examples of earlier
 * ones up.
 */
package org.dapt.method.lfpt5;
