package org.dapt.tokenizer;

import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import ai.djl.util.Utils;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.dapt.error.InputException;
import org.dapt.error.Shown;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads a tokenizer in a process of its own before it is loaded in this one: the native library
 * aborts its process where parts of a file are damaged, and an executor or a driver that dies
 * without a word helps nobody. What has passed is noted by its digest beside the unpacked library,
 * so that a machine tries a tokenizer once.
 */
final class TokenizerTrial {
  private static final Logger LOG = LoggerFactory.getLogger(TokenizerTrial.class);
  private static final String PASSED = "dapt-passed";
  private static final int FIRST_SIGNAL = 128;
  private static final int LIMIT_SECONDS = 60;
  private static final List<String> TEXTS =
      List.of("", "a", "Is 7 odd?\n\u00e9\u4e2d\ud83d\ude00\u0000 </s> ", "word ".repeat(200));

  private TokenizerTrial() {}

  /**
   * Returns if the tokenizer loads, fails in an orderly way, or cannot be tried.
   *
   * @param shown how the user names the file
   * @param sha256 digest of the file
   * @throws InputException if the process that loads it dies or hangs
   */
  static void run(Path file, String shown, String sha256) {
    if (Files.exists(passed(sha256))) {
      return;
    }
    try {
      Path folder = Files.createTempDirectory("dapt-tokenizer-");
      try {
        tryOut(file, shown, folder);
      } finally {
        delete(folder);
      }
    } catch (IOException | URISyntaxException e) {
      LOG.warn("The tokenizer {} was not tried in a process of its own: {}", file, e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while a tokenizer was tried", e);
    }
  }

  /** Notes that the tokenizer is sound, so that no process of this machine has to try it again. */
  static void notePassed(Path file, String sha256) {
    Path passed = passed(sha256);
    try {
      if (!Files.exists(passed)) {
        Files.createDirectories(passed.getParent());
        Files.write(passed, new byte[0]);
      }
    } catch (IOException e) {
      LOG.debug("The tokenizer {} will be tried again", file, e);
    }
  }

  /**
   * Loads the tokenizer that is named and uses it a little; the exit code is 0 whatever happens.
   */
  public static void main(String[] arguments) {
    try (TextTokenizer tokenizer = TextTokenizer.untried(Path.of(arguments[0]))) {
      for (String text : TEXTS) {
        tokenizer.decode(tokenizer.encode(text, Integer.MAX_VALUE).ids());
      }
    } catch (InputException e) {
      // It will fail in the same way, and be reported, where it is wanted.
      LOG.debug("The tokenizer does not load", e);
    }
  }

  private static Path passed(String sha256) {
    return Utils.getEngineCacheDir("tokenizers").resolve(PASSED).resolve(sha256);
  }

  private static void tryOut(Path file, String shown, Path folder)
      throws IOException, InterruptedException, URISyntaxException {
    Path complaints = folder.resolve("err");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath(),
                TokenizerTrial.class.getName(),
                file.toAbsolutePath().toString())
            .directory(folder.toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(complaints.toFile())
            .start();
    try {
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        throw damaged(shown, "loading it takes more than " + LIMIT_SECONDS + " s");
      }
    } finally {
      process.destroyForcibly();
    }
    if (process.exitValue() >= FIRST_SIGNAL) {
      throw damaged(shown, "it ends the process that loads it: " + reason(complaints));
    }
    if (process.exitValue() != 0) {
      LOG.warn(
          "The tokenizer {} was not tried in a process of its own, which ended with {}: {}",
          file,
          process.exitValue(),
          Shown.of(Files.readString(complaints, StandardCharsets.ISO_8859_1)));
    }
  }

  /** The line after that which says where the library gave up. */
  private static String reason(Path complaints) throws IOException {
    List<String> lines = Files.readAllLines(complaints, StandardCharsets.ISO_8859_1);
    for (int i = 0; i + 1 < lines.size(); i++) {
      if (lines.get(i).contains("panicked at")) {
        return Shown.of(lines.get(i + 1));
      }
    }
    return "it gives no reason";
  }

  /**
   * What the process needs, from wherever this one has it: an application's loader, for example.
   */
  private static String classPath() throws URISyntaxException {
    StringBuilder path = new StringBuilder();
    for (Class<?> type :
        List.of(
            TokenizerTrial.class,
            TokenizersLibrary.class,
            Utils.class,
            com.google.gson.Gson.class,
            com.fasterxml.jackson.core.JsonFactory.class,
            Logger.class)) {
      path.append(path.isEmpty() ? "" : File.pathSeparator)
          .append(Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()));
    }
    return path.toString();
  }

  private static void delete(Path folder) throws IOException {
    List<Path> all;
    try (Stream<Path> files = Files.walk(folder)) {
      all = files.sorted(Comparator.reverseOrder()).collect(Collectors.toList());
    }
    for (Path file : all) {
      Files.deleteIfExists(file);
    }
  }

  private static InputException damaged(String file, String found) {
    return new InputException(
        "The tokenizer %s is damaged: %s. Fetch it again, or write it with save_pretrained of a fast tokenizer in Python."
            .formatted(file, found));
  }
}
