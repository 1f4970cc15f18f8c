package org.dapt.tokenizer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalInt;
import org.dapt.digest.Sha256;
import org.dapt.error.InputException;
import org.dapt.io.LfsPointer;

/**
 * The tokenizer of a model, as its {@code tokenizer.json} describes it. Special tokens that are
 * written out in a text are recognised; truncation and padding set in the file are ignored. Nothing
 * is ever fetched. Safe for use from several threads, each call computing in the thread that makes
 * it.
 */
public final class TextTokenizer implements AutoCloseable {
  private static final String FILE = "tokenizer.json";

  /** Ids at the end of a prompt that are kept when it is cut: the cue for the answer is there. */
  private static final int KEPT_END = 16;

  private final NativeTokenizer tokenizer;
  private final String file;
  private final String sha256;

  /** Null where the template alone decides. */
  private final TokenRules rules;

  private final int[] suffix;
  private final int opening;

  /** Ids of the template's beginning that are left out. */
  private final int skipped;

  private final int specials;
  private final OptionalInt unknown;

  private final SourceEnd end;

  private TextTokenizer(
      NativeTokenizer tokenizer,
      String file,
      String sha256,
      TokenRules rules,
      TokenizerJson.Unknown unknown) {
    this.tokenizer = tokenizer;
    this.file = file;
    this.sha256 = sha256;
    this.rules = rules;
    int[] bare = tokenizer.ids("a", false);
    int[] whole = tokenizer.ids("a", true);
    int template = whole.length - bare.length;
    if (template < 0) {
      throw tokenizer.unusable("its template takes tokens away instead of adding some", null);
    }
    int prefix = 0;
    while (prefix < template
        && !Arrays.equals(bare, 0, bare.length, whole, prefix, prefix + bare.length)) {
      prefix++;
    }
    skipped = rules == null || rules.begins() ? 0 : prefix;
    opening = prefix - skipped;
    int[] closing = Arrays.copyOfRange(whole, prefix + bare.length, whole.length);
    end = SourceEnd.of(closing, rules, file);
    suffix = end.of(closing);
    specials = template - skipped + suffix.length - closing.length;
    this.unknown = unknown.find(token -> tokenizer.ids(token, false));
  }

  /**
   * Loads a tokenizer.
   *
   * @param folderOrFile a model folder with {@code tokenizer.json}, or such a file
   * @throws InputException if there is no such file or it does not describe a tokenizer
   * @throws org.dapt.error.ConfigException if the native library cannot be loaded
   */
  public static TextTokenizer load(Path folderOrFile) {
    Path file = file(folderOrFile);
    return load(file, file.toString(), null, true);
  }

  /**
   * Loads the tokenizer of a model, which decides what a source ends with and how many ids there
   * are.
   *
   * @param file a {@code tokenizer.json}
   * @param shown how the user names the file
   * @throws InputException as {@link #load(Path)}, or if a token of the vocabulary has no row in
   *     the model's embedding
   */
  public static TextTokenizer load(Path file, String shown, TokenRules rules) {
    return load(file, shown, rules, true);
  }

  /** As {@link #load(Path)}, for a process that may die of it. */
  static TextTokenizer untried(Path file) {
    return load(file, file.toString(), null, false);
  }

  private static Path file(Path folderOrFile) {
    return Files.isDirectory(folderOrFile) ? folderOrFile.resolve(FILE) : folderOrFile;
  }

  private static TextTokenizer load(Path path, String file, TokenRules rules, boolean trial) {
    if (!Files.isRegularFile(path)) {
      throw new InputException(
          "The tokenizer %s %s. Expected the tokenizer.json of the model; save_pretrained of a fast tokenizer in Python writes it."
              .formatted(file, Files.exists(path) ? "is not a file" : "does not exist"));
    }
    try {
      byte[] content = Files.readAllBytes(path);
      LfsPointer.refuse(content, file);
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
      TokenizerJson.Unknown unknown = TokenizerJson.check(text, file);
      if (rules != null) {
        TokenizerVocabulary.check(text, file, rules.vocabulary());
      }
      String sha256 = Sha256.of(content);
      TokenizerLibrary.load();
      if (trial) {
        TokenizerTrial.run(path, file, sha256);
      }
      TextTokenizer opened =
          opened(NativeTokenizer.parse(content, file), file, sha256, rules, unknown);
      if (trial) {
        TokenizerTrial.notePassed(path, sha256);
      }
      return opened;
    } catch (CharacterCodingException e) {
      throw new InputException(
          "The tokenizer %s is not UTF-8 text. Fetch it again, or write it with save_pretrained of a fast tokenizer in Python."
              .formatted(file),
          e);
    } catch (IOException e) {
      throw new InputException("The tokenizer " + file + " cannot be read: " + e + ".", e);
    }
  }

  /**
   * The ids of a text with the special tokens of the template. For a model it ends as the model
   * expects it, whatever the template says: with an end token or without; where the rules say so it
   * begins without what the template puts in front. If there are more than {@code maxTokens}, the
   * ids before the closing tokens are cut, so that for T5 the last id is still the end token.
   * Without closing tokens it is the text of a decoder-only model, which goes on where the text
   * ends: then the last ids of the text, 16 where there is room, are kept and those before them are
   * cut.
   *
   * @param maxTokens at least the number of the template's special tokens
   * @throws InputException if a token has no row in the embedding of the model, where the tokenizer
   *     was loaded for one
   */
  public EncodedText encode(String text, int maxTokens) {
    if (maxTokens < Math.max(1, specials)) {
      throw new IllegalArgumentException(
          "maxTokens is %d, expected at least %d for the special tokens"
              .formatted(maxTokens, Math.max(1, specials)));
    }
    int[] all = end.of(tokenizer.ids(text, true));
    if (skipped > 0) {
      all = Arrays.copyOfRange(all, skipped, all.length);
    }
    return cut(all, opening, maxTokens);
  }

  /**
   * The ids of a text that has the special tokens written out where they belong, as the text of a
   * conversation does: the template puts none around it. An encoder's text ends with an end token
   * all the same. Longer ones are cut as {@link #encode} says.
   *
   * @param maxTokens at least the number of special tokens behind a text
   * @throws InputException as {@link #encode}
   */
  public EncodedText encodeWritten(String text, int maxTokens) {
    int[] bare = tokenizer.ids(text, false);
    boolean ends =
        bare.length >= suffix.length
            && Arrays.equals(
                bare, bare.length - suffix.length, bare.length, suffix, 0, suffix.length);
    if (!ends) {
      int[] ended = Arrays.copyOf(bare, bare.length + suffix.length);
      System.arraycopy(suffix, 0, ended, bare.length, suffix.length);
      bare = ended;
    }
    return cut(bare, 0, maxTokens);
  }

  /**
   * @param kept ids at the beginning that are no text
   */
  private EncodedText cut(int[] all, int kept, int maxTokens) {
    checkRows(all);
    if (all.length <= maxTokens) {
      return new EncodedText(all, all.length);
    }
    int atEnd = suffix.length > 0 ? suffix.length : Math.min(KEPT_END, (maxTokens - kept + 1) / 2);
    int[] cut = Arrays.copyOf(all, maxTokens);
    System.arraycopy(all, all.length - atEnd, cut, maxTokens - atEnd, atEnd);
    return new EncodedText(cut, all.length);
  }

  /**
   * The ids of what a model is to answer: those of the text without the template's special tokens,
   * and {@code end}. If there are more than {@code maxTokens}, the ids before the end are cut.
   *
   * @param maxTokens at least 1
   */
  public EncodedText encodeTarget(String text, int maxTokens, int end) {
    int[] bare = tokenizer.ids(text, false);
    checkRows(bare);
    int kept = Math.min(bare.length, maxTokens - 1);
    int[] target = Arrays.copyOf(bare, kept + 1);
    target[kept] = end;
    return new EncodedText(target, bare.length + 1);
  }

  /** The first of the model's end tokens in {@code text}; its first of all where there is none. */
  public int endIn(String text) {
    for (int id : tokenizer.ids(text, false)) {
      if (rules.ends(id)) {
        return id;
      }
    }
    return rules.targetEnd();
  }

  /**
   * The text of ids. Special tokens and ids that the tokenizer does not know leave nothing; spaces
   * are left as they are.
   *
   * @param ids none negative
   */
  public String decode(int[] ids) {
    return tokenizer.decode(ids, true);
  }

  /**
   * The text of ids as {@link #decode(int[])} gives it.
   *
   * @param cleanUpSpaces whether spaces before punctuation and contractions are taken out
   */
  public String decode(int[] ids, boolean cleanUpSpaces) {
    String text = decode(ids);
    return cleanUpSpaces ? SpaceCleanUp.of(text) : text;
  }

  /**
   * The token that stands for characters without one; none where the tokenizer has one for every
   * byte, or drops what it does not know.
   */
  public OptionalInt unknownToken() {
    return unknown;
  }

  /** What the model asks of its texts; null where the tokenizer was loaded without a model. */
  public TokenRules rules() {
    return rules;
  }

  /** SHA-256 of the file, as 64 hexadecimal digits. */
  public String sha256() {
    return sha256;
  }

  /** Frees the native memory when the calls under way have returned; later calls fail. */
  @Override
  public void close() {
    tokenizer.close();
  }

  private void checkRows(int[] ids) {
    if (rules == null) {
      return;
    }
    for (int id : ids) {
      if (id >= rules.vocabulary()) {
        throw TokenizerVocabulary.beyond(
            tokenizer.decode(new int[] {id}, false), id, file, rules.vocabulary());
      }
    }
  }

  private static TextTokenizer opened(
      NativeTokenizer library,
      String file,
      String sha256,
      TokenRules rules,
      TokenizerJson.Unknown unknown) {
    try {
      return new TextTokenizer(library, file, sha256, rules, unknown);
    } catch (RuntimeException e) {
      library.close();
      throw e;
    }
  }
}
