package org.dapt.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.LongFunction;
import org.dapt.digest.Sha256;
import org.dapt.error.InputException;
import org.dapt.error.Shown;

/**
 * The tokenizer of a model, as its {@code tokenizer.json} describes it. Special tokens that are
 * written out in a text are recognised; truncation and padding set in the file are ignored. Nothing
 * is ever fetched. Safe for use from several threads, each call computing in the thread that makes
 * it.
 */
public final class TextTokenizer implements AutoCloseable {
  private static final String FILE = "tokenizer.json";
  private static final Map<String, String> OPTIONS =
      Map.of("truncation", "do_not_truncate", "padding", "do_not_pad", "addSpecialTokens", "true");

  /** Ids at the end of a prompt that are kept when it is cut: the cue for the answer is there. */
  private static final int KEPT_END = 16;

  private final HuggingFaceTokenizer tokenizer;
  private final Path file;
  private final String sha256;
  // Closing frees native memory that another thread may be using: it waits for the calls under way.
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private boolean closed;
  private final int[] suffix;
  private final int opening;
  private final int specials;
  private final OptionalInt unknown;

  private TextTokenizer(
      HuggingFaceTokenizer tokenizer, Path file, String sha256, TokenizerJson.Unknown unknown) {
    this.tokenizer = tokenizer;
    this.file = file;
    this.sha256 = sha256;
    int[] bare = ids("a", false);
    int[] whole = ids("a", true);
    specials = whole.length - bare.length;
    if (specials < 0) {
      throw unusable("its template takes tokens away instead of adding some", null);
    }
    int prefix = 0;
    while (prefix < specials
        && !Arrays.equals(bare, 0, bare.length, whole, prefix, prefix + bare.length)) {
      prefix++;
    }
    opening = prefix;
    suffix = Arrays.copyOfRange(whole, prefix + bare.length, whole.length);
    this.unknown = unknownId(unknown);
  }

  private OptionalInt unknownId(TokenizerJson.Unknown stated) {
    if (stated.id() != null) {
      return OptionalInt.of(stated.id());
    }
    int[] ids = stated.token() == null ? new int[0] : ids(stated.token(), false);
    return ids.length == 1 ? OptionalInt.of(ids[0]) : OptionalInt.empty();
  }

  /**
   * Loads a tokenizer.
   *
   * @param folderOrFile a model folder with {@code tokenizer.json}, or such a file
   * @throws InputException if there is no such file or it does not describe a tokenizer
   * @throws org.dapt.error.ConfigException if the native library cannot be loaded
   */
  public static TextTokenizer load(Path folderOrFile) {
    return load(folderOrFile, true);
  }

  /** As {@link #load}, for a process that may die of it. */
  static TextTokenizer untried(Path file) {
    return load(file, false);
  }

  private static TextTokenizer load(Path folderOrFile, boolean trial) {
    Path file = Files.isDirectory(folderOrFile) ? folderOrFile.resolve(FILE) : folderOrFile;
    if (!Files.isRegularFile(file)) {
      throw new InputException(
          "The tokenizer "
              + file
              + (Files.exists(file) ? " is not a file" : " does not exist")
              + ". Expected the tokenizer.json of the model; save_pretrained of a fast tokenizer in"
              + " Python writes it.");
    }
    try {
      byte[] content = Files.readAllBytes(file);
      TokenizerJson.Unknown unknown =
          TokenizerJson.check(
              StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString(),
              file);
      String sha256 = Sha256.of(content);
      TokenizerLibrary.load();
      if (trial) {
        TokenizerTrial.run(file, sha256);
      }
      TextTokenizer opened = opened(parse(content, file), file, sha256, unknown);
      if (trial) {
        TokenizerTrial.notePassed(file, sha256);
      }
      return opened;
    } catch (CharacterCodingException e) {
      throw new InputException(
          "The tokenizer "
              + file
              + " is not UTF-8 text. Fetch it again, or write it with save_pretrained of a fast"
              + " tokenizer in Python.",
          e);
    } catch (IOException e) {
      throw new InputException("The tokenizer " + file + " cannot be read: " + e + ".", e);
    }
  }

  /**
   * The ids of a text with the special tokens of the template. If there are more than {@code
   * maxTokens}, the ids before the template's closing tokens are cut, so that for T5 the last id is
   * still the end token. A template without closing tokens is that of a decoder-only model, which
   * goes on where the text ends: then the last ids of the text, 16 where there is room, are kept
   * and those before them are cut.
   *
   * @param maxTokens at least the number of the template's special tokens
   */
  public EncodedText encode(String text, int maxTokens) {
    if (maxTokens < Math.max(1, specials)) {
      throw new IllegalArgumentException(
          "maxTokens is "
              + maxTokens
              + ", expected at least "
              + Math.max(1, specials)
              + " for the special tokens");
    }
    int[] all = ids(text, true);
    if (all.length <= maxTokens) {
      return new EncodedText(all, all.length);
    }
    int kept =
        suffix.length > 0 ? suffix.length : Math.min(KEPT_END, (maxTokens - opening + 1) / 2);
    int[] cut = Arrays.copyOf(all, maxTokens);
    System.arraycopy(all, all.length - kept, cut, maxTokens - kept, kept);
    return new EncodedText(cut, all.length);
  }

  /**
   * The ids of what a model is to answer: those of the text without the template's special tokens,
   * and {@code end}. If there are more than {@code maxTokens}, the ids before the end are cut.
   *
   * @param maxTokens at least 1
   */
  public EncodedText encodeTarget(String text, int maxTokens, int end) {
    int[] bare = ids(text, false);
    int kept = Math.min(bare.length, maxTokens - 1);
    int[] target = Arrays.copyOf(bare, kept + 1);
    target[kept] = end;
    return new EncodedText(target, bare.length + 1);
  }

  /** The ids of every text, in the same order; see {@link #encode}. */
  public List<EncodedText> encodeAll(List<String> texts, int maxTokens) {
    List<EncodedText> encoded = new ArrayList<>(texts.size());
    for (String text : texts) {
      encoded.add(encode(text, maxTokens));
    }
    return encoded;
  }

  /**
   * The text of ids. Special tokens and ids that the tokenizer does not know leave nothing; spaces
   * are left as they are.
   *
   * @param ids none negative
   */
  public String decode(int[] ids) {
    long[] wide = new long[ids.length];
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] < 0) {
        throw new IllegalArgumentException(
            "token id " + ids[i] + " at position " + i + " is negative");
      }
      wide[i] = ids[i];
    }
    return call(handle -> TokenizersLibrary.LIB.decode(handle, wide, true));
  }

  /**
   * The token that stands for characters without one; none where the tokenizer has one for every
   * byte, or drops what it does not know.
   */
  public OptionalInt unknownToken() {
    return unknown;
  }

  /** SHA-256 of the file, as 64 hexadecimal digits. */
  public String sha256() {
    return sha256;
  }

  /** Frees the native memory when the calls under way have returned; later calls fail. */
  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        tokenizer.close();
      }
    } finally {
      lock.writeLock().unlock();
    }
  }

  /**
   * Straight from the native library: DJL's own method also fetches type, word and sequence ids,
   * masks, strings and spans of every token, which takes longer than the tokenization.
   */
  private int[] ids(String text, boolean withSpecials) {
    return call(
        handle -> {
          long encoding = TokenizersLibrary.LIB.encode(handle, text, withSpecials);
          try {
            return toInts(TokenizersLibrary.LIB.getTokenIds(encoding));
          } finally {
            TokenizersLibrary.LIB.deleteEncoding(encoding);
          }
        });
  }

  private <T> T call(LongFunction<T> use) {
    Lock reading = lock.readLock();
    reading.lock();
    try {
      if (closed) {
        throw new IllegalStateException("the tokenizer is closed");
      }
      return use.apply(tokenizer.getHandle());
    } catch (RuntimeException e) {
      if (closed || e instanceof InputException) {
        throw e;
      }
      throw unusable(Shown.of(e.getMessage()), e);
    } finally {
      reading.unlock();
    }
  }

  private static int[] toInts(long[] wide) {
    int[] ids = new int[wide.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = Math.toIntExact(wide[i]);
    }
    return ids;
  }

  private static TextTokenizer opened(
      HuggingFaceTokenizer library, Path file, String sha256, TokenizerJson.Unknown unknown) {
    try {
      return new TextTokenizer(library, file, sha256, unknown);
    } catch (RuntimeException e) {
      library.close();
      throw e;
    }
  }

  private InputException unusable(String found, RuntimeException cause) {
    return new InputException(
        "The tokenizer %s does not work: %s. Fetch it again, or write it with save_pretrained of a fast tokenizer in Python."
            .formatted(file, found),
        cause);
  }

  private static HuggingFaceTokenizer parse(byte[] content, Path file) throws IOException {
    try {
      return HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(content), OPTIONS);
    } catch (RuntimeException e) {
      throw new InputException(
          "The tokenizer "
              + file
              + " does not describe a tokenizer: "
              + Shown.of(e.getMessage())
              + ". Fetch it again, or write it with save_pretrained of a fast tokenizer in Python.",
          e);
    }
  }
}
