package org.dapt.data.reader;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TaskReaderTest {
  /** As in an executor, whose threads may have another loader than the jars of dapt. */
  @Test
  void isFoundWhateverTheContextClassLoaderKnows() {
    var thread = Thread.currentThread();
    var before = thread.getContextClassLoader();
    thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
    try {
      assertThat(TaskFormat.names())
          .containsExactly(
              "alpaca", "chat", "csv", "jsonl", "long-sequence", "parquet", "super-ni");
      assertThat(TaskReader.named("super-ni")).isInstanceOf(SuperNiReader.class);
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
