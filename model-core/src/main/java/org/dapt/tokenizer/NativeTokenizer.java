package org.dapt.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.LongFunction;
import org.dapt.error.InputException;
import org.dapt.error.Shown;

/**
 * A tokenizer of the native library. Safe for use from several threads, each call computing in the
 * thread that makes it.
 */
final class NativeTokenizer implements AutoCloseable {
  private static final Map<String, String> OPTIONS =
      Map.of("truncation", "do_not_truncate", "padding", "do_not_pad", "addSpecialTokens", "true");

  private final HuggingFaceTokenizer tokenizer;
  private final String file;
  // Closing frees native memory that another thread may be using: it waits for the calls under way.
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private boolean closed;

  private NativeTokenizer(HuggingFaceTokenizer tokenizer, String file) {
    this.tokenizer = tokenizer;
    this.file = file;
  }

  /**
   * The tokenizer that {@code content} describes.
   *
   * @param file where it came from, for messages
   * @throws InputException if it describes none
   */
  static NativeTokenizer parse(byte[] content, String file) throws IOException {
    try {
      return new NativeTokenizer(
          HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(content), OPTIONS), file);
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

  /**
   * Straight from the native library: DJL's own method also fetches type, word and sequence ids,
   * masks, strings and spans of every token, which takes longer than the tokenization.
   */
  int[] ids(String text, boolean withSpecials) {
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

  String decode(int[] ids, boolean skipSpecials) {
    long[] wide = new long[ids.length];
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] < 0) {
        throw new IllegalArgumentException(
            "token id " + ids[i] + " at position " + i + " is negative");
      }
      wide[i] = ids[i];
    }
    return call(handle -> TokenizersLibrary.LIB.decode(handle, wide, skipSpecials));
  }

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

  /** The failure for a tokenizer that cannot be used. */
  InputException unusable(String found, RuntimeException cause) {
    return new InputException(
        "The tokenizer %s does not work: %s. Fetch it again, or write it with save_pretrained of a fast tokenizer in Python."
            .formatted(file, found),
        cause);
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
}
