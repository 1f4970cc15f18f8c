package org.dapt.convert;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.dapt.convert.TokenizerParts.Merge;
import org.dapt.io.gguf.GgufMetadata;

/**
 * The order in which pairs of tokens are merged: as a file has it, or out of the tokens' scores.
 */
final class Merges {
  /** Characters that are looked at while tokens are cut in two; real vocabularies take millions. */
  private static final long MOST_LOOKS = 1_000_000_000;

  private Merges() {}

  /**
   * Those of a file, each two tokens with a space between.
   *
   * @param vocabulary the tokens by id
   * @throws org.dapt.error.InputException if one of them is something else
   */
  static List<Merge> parse(List<String> stored, List<String> vocabulary, GgufMetadata metadata) {
    Set<String> known = new HashSet<>(vocabulary);
    List<Merge> merges = new ArrayList<>();
    for (String each : stored) {
      int space = each.indexOf(' ', 1);
      if (space < 0 || space == each.length() - 1) {
        throw metadata.damaged(
            "the merge %s is not two tokens with a space between them"
                .formatted(GgufConversion.quoted(each)));
      }
      Merge merge = new Merge(each.substring(0, space), each.substring(space + 1));
      if (!known.contains(merge.left())
          || !known.contains(merge.right())
          || !known.contains(merge.left() + merge.right())) {
        throw metadata.damaged(
            "the merge %s is not of tokens that make one".formatted(GgufConversion.quoted(each)));
      }
      merges.add(merge);
    }
    return merges;
  }

  /** A merge on its way into the order. */
  private record Scored(Merge merge, double score, int leftLength, int rightLength) {}

  /**
   * Every way to make a token of two others, the best tokens first; of equal ones those with the
   * longer left part, then with the longer right part, as Transformers orders them.
   *
   * @param tokens by id
   * @param scores by id
   */
  static List<Merge> ofScores(List<String> tokens, double[] scores, GgufMetadata metadata) {
    Map<String, Integer> ids = new HashMap<>();
    long looks = 0;
    for (int id = 0; id < tokens.size(); id++) {
      ids.put(tokens.get(id), id);
      looks += (long) tokens.get(id).length() * tokens.get(id).length();
    }
    if (looks > MOST_LOOKS) {
      throw metadata.damaged("its tokens are too long to be made of others");
    }
    List<Scored> all = new ArrayList<>();
    for (int id = 0; id < tokens.size(); id++) {
      all.addAll(halves(tokens.get(id), scores[id], ids));
    }
    all.sort(
        Comparator.comparingDouble(Scored::score)
            .thenComparingInt(Scored::leftLength)
            .thenComparingInt(Scored::rightLength)
            .reversed());
    return all.stream().map(Scored::merge).toList();
  }

  /** The ways to cut a token into two others, by the ids of these. */
  private static List<Scored> halves(String token, double score, Map<String, Integer> ids) {
    List<Scored> halves = new ArrayList<>();
    for (int at = token.offsetByCodePoints(0, token.isEmpty() ? 0 : 1);
        at < token.length();
        at = token.offsetByCodePoints(at, 1)) {
      String left = token.substring(0, at);
      String right = token.substring(at);
      if (ids.containsKey(left) && ids.containsKey(right)) {
        halves.add(
            new Scored(
                new Merge(left, right),
                score,
                left.codePointCount(0, left.length()),
                right.codePointCount(0, right.length())));
      }
    }
    halves.sort(
        Comparator.comparingInt((Scored each) -> ids.get(each.merge().left()))
            .thenComparingInt(each -> ids.get(each.merge().right())));
    return halves;
  }
}
