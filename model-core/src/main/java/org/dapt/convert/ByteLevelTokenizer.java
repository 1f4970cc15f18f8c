package org.dapt.convert;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.dapt.convert.TokenFacts.Kind;
import org.dapt.convert.TokenizerParts.Merge;
import org.dapt.io.JsonObjects;
import org.dapt.io.gguf.GgufMetadata;

/** Byte pair encoding over bytes that are written as 256 visible characters, as GPT-2 began it. */
final class ByteLevelTokenizer {
  /** What a file calls it. */
  static final String NAME = "gpt2";

  private static final char[] SPELLING = spelling();

  private ByteLevelTokenizer() {}

  /**
   * The pre-tokenizer that a file names.
   *
   * @throws org.dapt.error.InputException if it names none, or one that is not known
   */
  static PreTokenizer preTokenizer(GgufMetadata metadata) {
    String key = TokenFacts.PREFIX + "pre";
    String name =
        metadata
            .text(key)
            .orElseThrow(
                () ->
                    metadata.unsupported(
                        "it has no %s, which says how its tokenizer cuts a text. Fetch a file that a newer llama.cpp has written"
                            .formatted(key)));
    return PreTokenizer.of(name)
        .orElseThrow(
            () ->
                metadata.unsupported(
                    "its pre-tokenizer is %s; known are %s"
                        .formatted(GgufConversion.quoted(name), PreTokenizer.known())));
  }

  /** The parts of tokenizer.json. */
  static TokenizerParts of(GgufMetadata metadata, TokenFacts tokens, PreTokenizer preTokenizer) {
    List<String> vocabulary = vocabulary(tokens);
    ObjectNode decoder =
        JsonObjects.create()
            .put("type", "ByteLevel")
            .put("add_prefix_space", true)
            .put("trim_offsets", true)
            .put("use_regex", true);
    ObjectNode model =
        JsonObjects.create()
            .put("fuse_unk", false)
            .put("byte_fallback", false)
            .put("ignore_merges", preTokenizer.wholeWords());
    return new TokenizerParts(
        vocabulary, merges(metadata, vocabulary), preTokenizer.json(), decoder, model);
  }

  /**
   * Tokens that are looked for in the text itself stand as they are. All others consist of spelt
   * bytes; where a file has one in plain text instead, it is spelt here.
   */
  private static List<String> vocabulary(TokenFacts tokens) {
    Set<Integer> alphabet = new HashSet<>();
    for (char each : SPELLING) {
      alphabet.add((int) each);
    }
    List<String> vocabulary = new ArrayList<>();
    for (int id = 0; id < tokens.texts().size(); id++) {
      String text = tokens.texts().get(id);
      Kind kind = tokens.kinds().get(id);
      boolean plain = kind == Kind.CONTROL || kind == Kind.USER_DEFINED || kind == Kind.UNKNOWN;
      vocabulary.add(plain || text.chars().allMatch(alphabet::contains) ? text : spelt(text));
    }
    return vocabulary;
  }

  private static List<Merge> merges(GgufMetadata metadata, List<String> vocabulary) {
    String key = TokenFacts.PREFIX + "merges";
    List<String> stored =
        metadata.texts(key).orElseThrow(() -> metadata.damaged("it has no " + key));
    return Merges.parse(stored, vocabulary, metadata);
  }

  private static String spelt(String text) {
    StringBuilder spelt = new StringBuilder();
    for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
      spelt.append(SPELLING[each & 0xff]);
    }
    return spelt.toString();
  }

  /** Visible characters of Latin-1 stand for themselves, other bytes for 256 and those after it. */
  private static char[] spelling() {
    char[] spelling = new char[256];
    char next = 256;
    for (int each = 0; each < spelling.length; each++) {
      boolean visible =
          (each >= '!' && each <= '~') || (each >= 0xa1 && each <= 0xac) || each >= 0xae;
      spelling[each] = visible ? (char) each : next++;
    }
    return spelling;
  }
}
