package org.dapt.score;

/**
 * A score on a task that the run has not learnt.
 *
 * @param category the kind of work that the task is of
 * @param score the score; its block hash is one of all blocks that were learnt by then
 */
public record UnseenScore(String category, ScoreRow score) {}
