package org.dapt.convert;

import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.dapt.io.gguf.GgufMetadata;

/**
 * What a GGUF file says of its tokens.
 *
 * @param texts by id, as the file has them; all different
 * @param kinds by id
 * @param bos begins a text; null where there is none
 * @param eos ends an answer
 * @param turnEnd ends a turn of a conversation, where it is not {@code eos}; null where there is
 *     none
 * @param unknown stands for characters without a token; null where there is none
 * @param pad fills up; null where there is none
 * @param addBos whether a text begins with {@code bos}
 * @param addEos whether a text ends with {@code eos}
 */
record TokenFacts(
    List<String> texts,
    List<Kind> kinds,
    Integer bos,
    int eos,
    Integer turnEnd,
    Integer unknown,
    Integer pad,
    boolean addBos,
    boolean addEos) {
  /** What a token is for, in the order of the numbers that files have. */
  enum Kind {
    UNDEFINED,
    NORMAL,
    UNKNOWN,
    CONTROL,
    USER_DEFINED,
    UNUSED,
    BYTE
  }

  static final String PREFIX = "tokenizer.ggml.";

  /**
   * Reads what there is.
   *
   * @param beginsUsually whether a text begins with {@code bos} where the file does not say it
   * @throws org.dapt.error.InputException if something is missing or does not fit
   */
  static TokenFacts of(GgufMetadata metadata, LlamaFacts model, boolean beginsUsually) {
    List<String> texts =
        metadata
            .texts(PREFIX + "tokens")
            .orElseThrow(() -> metadata.damaged("it has no %stokens".formatted(PREFIX)));
    if (texts.size() > model.vocabulary() || texts.isEmpty()) {
      throw metadata.damaged(
          "it has %d tokens, expected 1 to %d, the rows of its embedding"
              .formatted(texts.size(), model.vocabulary()));
    }
    requireDistinct(texts, metadata);
    Integer eos = id(metadata, "eos_token_id", texts.size());
    if (eos == null) {
      throw metadata.damaged(
          "it has no %seos_token_id, so nothing would end an answer".formatted(PREFIX));
    }
    Integer bos = id(metadata, "bos_token_id", texts.size());
    boolean addBos = metadata.flag(PREFIX + "add_bos_token", beginsUsually && bos != null);
    if (addBos && bos == null) {
      throw metadata.damaged(
          "its texts begin with a token, but it has no %sbos_token_id".formatted(PREFIX));
    }
    return new TokenFacts(
        texts,
        kinds(metadata, texts.size()),
        bos,
        eos,
        id(metadata, "eot_token_id", texts.size()),
        id(metadata, "unknown_token_id", texts.size()),
        id(metadata, "padding_token_id", texts.size()),
        addBos,
        metadata.flag(PREFIX + "add_eos_token", false));
  }

  /** The text of a token; null where {@code id} is null. */
  String text(Integer id) {
    return id == null ? null : texts.get(id);
  }

  private static void requireDistinct(List<String> texts, GgufMetadata metadata) {
    Map<String, Integer> known = new HashMap<>();
    for (int id = 0; id < texts.size(); id++) {
      Integer other = known.putIfAbsent(texts.get(id), id);
      if (other != null) {
        throw metadata.damaged(
            "its tokens %d and %d are both %s"
                .formatted(other, id, GgufConversion.quoted(texts.get(id))));
      }
    }
  }

  private static List<Kind> kinds(GgufMetadata metadata, int size) {
    Optional<long[]> stored = metadata.wholes(PREFIX + "token_type");
    if (stored.isEmpty()) {
      return Collections.nCopies(size, Kind.NORMAL);
    }
    long[] numbers = stored.get();
    if (numbers.length != size) {
      throw metadata.damaged(
          "%stoken_type has %d entries for %d tokens".formatted(PREFIX, numbers.length, size));
    }
    Kind[] known = Kind.values();
    Kind[] kinds = new Kind[size];
    for (int i = 0; i < size; i++) {
      if (numbers[i] < 0 || numbers[i] >= known.length) {
        throw metadata.damaged(
            "%stoken_type has the unknown kind %d".formatted(PREFIX, numbers[i]));
      }
      kinds[i] = known[(int) numbers[i]];
    }
    return List.of(kinds);
  }

  private static Integer id(GgufMetadata metadata, String key, int size) {
    return metadata
        .whole(PREFIX + key, 0)
        .map(
            id -> {
              if (id >= size) {
                throw metadata.damaged(
                    "%s%s is %d, expected a token below %d".formatted(PREFIX, key, id, size));
              }
              return id;
            })
        .orElse(null);
  }
}
