package org.dapt.method;

/**
 * A tokenised example.
 *
 * @param id how messages name it
 * @param source token ids of the input, not empty
 * @param target token ids of the answer, end token included, not empty
 */
public record Example(String id, int[] source, int[] target) {}
