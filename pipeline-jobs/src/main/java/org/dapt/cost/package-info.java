/** What a run would cost, from shapes and counts alone: tokens, operations, bytes and hours. */
package org.dapt.cost;
