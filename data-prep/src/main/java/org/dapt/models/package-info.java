/**
 * The door to a model folder, wherever it lies: its files, configuration, tokenizer and backbone.
 */
package org.dapt.models;
