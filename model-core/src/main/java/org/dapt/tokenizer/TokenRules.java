package org.dapt.tokenizer;

import java.io.Serializable;
import java.util.List;

/**
 * What a model asks of the ids of its texts, by its configuration: it decides, not the template of
 * its tokenizer. What a text begins with is the user's to decide.
 *
 * @param endTokens the ids that end an answer, not empty; a target ends with the first
 * @param sourceEnds whether a source ends with that id, too, as an encoder has learnt; the source
 *     of a decoder-only model goes on with the answer and ends with none of them
 * @param vocabulary number of rows of the embedding: ids are below it
 * @param positions number of positions that the model was made for; 0 where there is no bound
 * @param begins whether a source begins as the template says; otherwise without special tokens
 * @param turnEnds further ids that end an answer, of models that chat; only what a conversation is
 *     written with may end with one of them
 */
public record TokenRules(
    List<Integer> endTokens,
    boolean sourceEnds,
    int vocabulary,
    int positions,
    boolean begins,
    List<Integer> turnEnds)
    implements Serializable {
  /** Copies the lists. */
  public TokenRules {
    endTokens = List.copyOf(endTokens);
    turnEnds = List.copyOf(turnEnds);
  }

  /** Those of texts that begin as the template says. */
  public TokenRules(List<Integer> endTokens, boolean sourceEnds, int vocabulary, int positions) {
    this(endTokens, sourceEnds, vocabulary, positions, true, List.of());
  }

  /** The same with another beginning. */
  public TokenRules beginning(boolean asTemplate) {
    return new TokenRules(endTokens, sourceEnds, vocabulary, positions, asTemplate, turnEnds);
  }

  /** The same with further ids that end a turn. */
  public TokenRules endingTurns(List<Integer> ids) {
    return new TokenRules(endTokens, sourceEnds, vocabulary, positions, begins, ids);
  }

  /** Whether the model stops at {@code id}. */
  public boolean ends(int id) {
    return endTokens.contains(id) || turnEnds.contains(id);
  }

  /** The id that a target ends with. */
  public int targetEnd() {
    return endTokens.get(0);
  }
}
