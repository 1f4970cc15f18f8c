/**
 * Tensor files and model folders: safetensors read and written without a tensor engine, and Hugging
 * Face folders.
 */
package org.dapt.io;
