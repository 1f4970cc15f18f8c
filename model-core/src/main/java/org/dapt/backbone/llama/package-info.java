/** Llama: a decoder-only model with rotary positions and grouped-query attention. */
package org.dapt.backbone.llama;
