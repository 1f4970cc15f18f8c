package org.dapt.convert;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.dapt.convert.TokenizerParts.Merge;
import org.dapt.io.JsonObjects;
import org.dapt.io.gguf.GgufMetadata;

/**
 * Byte pair encoding of SentencePiece, as Llama 1 and 2 have it: spaces are written as ▁, and
 * characters without a token become tokens of their bytes.
 */
final class SentencePieceTokenizer {
  /** What a file calls it. */
  static final String NAME = "llama";

  private static final String SPACE = "\u2581";

  private SentencePieceTokenizer() {}

  /** The parts of tokenizer.json. */
  static TokenizerParts of(GgufMetadata metadata, TokenFacts tokens) {
    boolean prefix = metadata.flag(TokenFacts.PREFIX + "add_space_prefix", true);
    ObjectNode preTokenizer =
        JsonObjects.create()
            .put("type", "Metaspace")
            .put("replacement", SPACE)
            .put("prepend_scheme", prefix ? "first" : "never")
            .put("split", false);
    ObjectNode decoder = JsonObjects.create().put("type", "Sequence");
    ArrayNode steps = decoder.putArray("decoders");
    ObjectNode spaces = steps.addObject().put("type", "Replace");
    spaces.putObject("pattern").put("String", SPACE);
    spaces.put("content", " ");
    steps.addObject().put("type", "ByteFallback");
    steps.addObject().put("type", "Fuse");
    if (prefix) {
      steps.addObject().put("type", "Strip").put("content", " ").put("start", 1).put("stop", 0);
    }
    ObjectNode model =
        JsonObjects.create()
            .put("unk_token", tokens.text(tokens.unknown()))
            .put("fuse_unk", true)
            .put("byte_fallback", true)
            .put("ignore_merges", false);
    return new TokenizerParts(
        tokens.texts(), merges(metadata, tokens.texts()), preTokenizer, decoder, model);
  }

  private static List<Merge> merges(GgufMetadata metadata, List<String> tokens) {
    Optional<List<String>> stored = metadata.texts(TokenFacts.PREFIX + "merges");
    if (stored.isPresent()) {
      return Merges.parse(stored.get(), tokens, metadata);
    }
    String key = TokenFacts.PREFIX + "scores";
    double[] scores =
        metadata
            .reals(key)
            .orElseThrow(
                () ->
                    metadata.damaged(
                        "it has neither %s nor %smerges".formatted(key, TokenFacts.PREFIX)));
    if (scores.length != tokens.size() || Arrays.stream(scores).anyMatch(Double::isNaN)) {
      throw metadata.damaged(
          "%s has %d entries for %d tokens, or one that is no number"
              .formatted(key, scores.length, tokens.size()));
    }
    return Merges.ofScores(tokens, scores, metadata);
  }
}
