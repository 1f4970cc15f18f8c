/**
 * The attention that chooses among blocks: query, keys, shared attention and the reflection loss.
 */
package org.dapt.attention;
