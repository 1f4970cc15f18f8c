package org.dapt.data.prepare;

import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/** A Spark session in this process, and the folder of the tokenizer that tests prepare with. */
final class TestSpark {
  private static final String TOKENIZER = "t5-tokenizer";

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

  /** The folder with T5's tokenizer: that of the fixtures, or the project's own. */
  static Path modelFolder() {
    var named = Path.of(System.getProperty("dapt.fixtures"), TOKENIZER);
    return Files.isDirectory(named)
        ? named
        : Path.of(System.getProperty("dapt.home"), "model-core/src/test/fixtures", TOKENIZER);
  }
}
