/**
 * Models of other formats as Hugging Face folders: out of a GGUF file of a Llama come weights in
 * bfloat16, configuration and tokenizer.
 */
package org.dapt.convert;
