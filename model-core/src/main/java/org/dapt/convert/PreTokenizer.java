package org.dapt.convert;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.dapt.io.JsonObjects;

/**
 * How a byte-level tokenizer cuts a text before it merges bytes, by the name that llama.cpp has for
 * it: the way that the models were trained with, which the merges belong to.
 */
enum PreTokenizer {
  /** GPT-2's. */
  GPT2(null, false, "default gpt-2"),

  /** Single digits, then GPT-2's. */
  DIGITS(null, false, "smollm starcoder refact command-r codeshell exaone minerva-7b"),

  /** Llama 3's: three digits, and whole words before their parts. */
  LLAMA3(Splits.THREE_DIGITS, true, "llama3 llama-v3 llama-bpe falcon3 pixtral midm-2.0"),

  /** As {@link #LLAMA3}, without the preference for whole words. */
  THREE_DIGITS(Splits.THREE_DIGITS, false, "dbrx smaug-bpe"),

  /** Qwen 2's: as Llama 3's, with single digits. */
  ONE_DIGIT(Splits.ONE_DIGIT, false, "qwen2 deepseek-r1-qwen megrez"),

  /** Mistral's: by upper and lower case. */
  TEKKEN(Splits.TEKKEN, true, "tekken");

  /** The regular expressions, in the dialect of the tokenizers library. */
  private static final class Splits {
    private static final String SHORT = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
    private static final String SPACES = "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String WORD = SHORT + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+";
    private static final String SIGNS = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*";
    private static final String UPPER = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
    private static final String LOWER = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
    private static final String FRONT = "[^\\r\\n\\p{L}\\p{N}]?";
    static final String THREE_DIGITS = WORD + "|\\p{N}{1,3}" + SIGNS + SPACES;
    static final String ONE_DIGIT = WORD + "|\\p{N}" + SIGNS + SPACES;
    static final String TEKKEN =
        FRONT
            + UPPER
            + "*"
            + LOWER
            + "+|"
            + FRONT
            + UPPER
            + "+"
            + LOWER
            + "*|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*"
            + SPACES;
  }

  private final String split;
  private final boolean wholeWords;
  private final String names;

  /**
   * @param split null for GPT-2's
   * @param names of llama.cpp, separated by spaces
   */
  PreTokenizer(String split, boolean wholeWords, String names) {
    this.split = split;
    this.wholeWords = wholeWords;
    this.names = names;
  }

  /** That of a name; empty where none is known. */
  static Optional<PreTokenizer> of(String name) {
    return Arrays.stream(values()).filter(each -> each.named().contains(name)).findFirst();
  }

  /** The names of all, in alphabetical order. */
  static String known() {
    TreeSet<String> names = new TreeSet<>();
    Arrays.stream(values()).forEach(each -> names.addAll(each.named()));
    return String.join(", ", names);
  }

  private List<String> named() {
    return List.of(names.split(" "));
  }

  /** Whether a piece that is a token as a whole is that token, whatever its merges give. */
  boolean wholeWords() {
    return wholeWords;
  }

  /** Whether texts begin with the first token where a file does not say it: as whole words go. */
  boolean beginsUsually() {
    return wholeWords;
  }

  /** As {@code pre_tokenizer} in tokenizer.json. */
  ObjectNode json() {
    ObjectNode bytes =
        JsonObjects.create()
            .put("type", "ByteLevel")
            .put("add_prefix_space", false)
            .put("trim_offsets", true)
            .put("use_regex", split == null);
    if (this == GPT2) {
      return bytes;
    }
    ObjectNode sequence = JsonObjects.create().put("type", "Sequence");
    ArrayNode steps = sequence.putArray("pretokenizers");
    if (split == null) {
      steps.addObject().put("type", "Digits").put("individual_digits", true);
    } else {
      ObjectNode step = steps.addObject().put("type", "Split");
      step.putObject("pattern").put("Regex", split);
      step.put("behavior", "Isolated").put("invert", false);
    }
    steps.add(bytes);
    return sequence;
  }
}
