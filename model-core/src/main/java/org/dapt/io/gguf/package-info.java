/** GGUF files, the format of llama.cpp: header, metadata and tensors, read and never trusted. */
package org.dapt.io.gguf;
