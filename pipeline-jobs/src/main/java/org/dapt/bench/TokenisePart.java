package org.dapt.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.api.java.function.Function;
import org.dapt.data.reader.Split;
import org.dapt.error.InputException;
import org.dapt.models.Models;
import org.dapt.tokenizer.TextTokenizer;

/**
 * The Spark task: tokenises every n-th input. Inputs and tokenizer are read once for the process,
 * so that a second run measures tokenising only.
 */
final class TokenisePart implements Function<Integer, Long> {
  private static final long serialVersionUID = 1L;
  private static final Map<String, List<String>> PROMPTS = new ConcurrentHashMap<>();

  private final String task;
  private final String format;
  private final int limit;
  private final String tokenizer;
  private final int maxSource;
  private final int parts;

  TokenisePart(String task, String format, int limit, String tokenizer, int maxSource, int parts) {
    this.task = task;
    this.format = format;
    this.limit = limit;
    this.tokenizer = tokenizer;
    this.maxSource = maxSource;
    this.parts = parts;
  }

  /** Number of tokens of part {@code number}. */
  @Override
  public Long call(Integer number) {
    List<String> all = PROMPTS.computeIfAbsent(task + "\n" + limit, key -> read());
    List<String> own = new ArrayList<>();
    for (int i = number; i < all.size(); i += parts) {
      own.add(all.get(i));
    }
    return count(Models.tokenizer(Path.of(tokenizer)), own, maxSource);
  }

  /** Tokenises {@code prompts} and counts the tokens. */
  static long count(TextTokenizer tokenizer, List<String> prompts, int maxSource) {
    long tokens = 0;
    for (String prompt : prompts) {
      tokens += tokenizer.encode(prompt, maxSource).ids().length;
    }
    return tokens;
  }

  private List<String> read() {
    try {
      return TaskTexts.read(Path.of(task), format, Split.TRAIN, limit).prompts();
    } catch (IOException e) {
      throw new InputException(task + " cannot be read: " + e.getMessage(), e);
    }
  }
}
