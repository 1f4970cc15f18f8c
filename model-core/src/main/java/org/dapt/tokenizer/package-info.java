/** Text to token ids and back, as the model's {@code tokenizer.json} says. */
package org.dapt.tokenizer;
