package org.dapt.train;

import java.io.Serializable;

/**
 * The step whose parameters are kept.
 *
 * @param step from 1
 * @param score on dev after it
 */
public record DevChoice(long step, double score) implements Serializable {}
