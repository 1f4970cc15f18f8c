package org.dapt.data.prepare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/** A Spark session in this process, and the folder of the tokenizer that tests prepare with. */
final class TestSpark {
  private static final String TOKENIZER = "t5-tokenizer";

  private static Path model;

  private TestSpark() {}

  /** Starts a session with so many slots; it must be closed before the next one is started. */
  static SparkSession start(int slots) {
    return SparkSession.builder()
        .master("local[" + slots + "]")
        .appName("data-prep tests")
        .config("spark.ui.enabled", "false")
        .config("spark.hadoop.fs.other.impl", OtherFileSystem.class.getName())
        .getOrCreate();
  }

  /** A T5 model as far as preparing looks at it: the tokenizer of the fixtures and the kind. */
  static synchronized Path modelFolder() {
    if (model == null) {
      try {
        model = Files.createTempDirectory("dapt-test-model-");
        Files.copy(tokenizer(), model.resolve("tokenizer.json"));
        Files.writeString(
            model.resolve("config.json"), "{\"model_type\": \"t5\", \"vocab_size\": 32128}");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return model;
  }

  private static Path tokenizer() {
    var named = Path.of(System.getProperty("dapt.fixtures"), TOKENIZER);
    var folder =
        Files.isDirectory(named)
            ? named
            : Path.of(System.getProperty("dapt.home"), "model-core/src/test/fixtures", TOKENIZER);
    return folder.resolve("tokenizer.json");
  }
}
