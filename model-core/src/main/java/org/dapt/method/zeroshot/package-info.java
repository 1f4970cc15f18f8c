/** The frozen model without anything learnt. */
package org.dapt.method.zeroshot;
