package org.dapt.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lease file through Hadoop's interface alone, as on a cluster file system. */
class HadoopLeaseFileTest {
  @TempDir java.nio.file.Path folder;

  @Test
  void isCreatedOnceReplacedAndDeleted() throws Exception {
    try (var files = new RawLocalFileSystem()) {
      files.initialize(URI.create("file:///"), new Configuration());
      var file = LeaseFile.at(files, new Path(folder.toUri().toString(), "run/lease"));
      assertThat(file).isInstanceOf(HadoopLeaseFile.class);
      assertThat(file.read()).isEmpty();
      assertThat(file.create(bytes("one"))).isTrue();
      assertThat(file.create(bytes("two"))).isFalse();
      assertThat(file.read()).hasValue(bytes("one"));
      file.replace(bytes("three"));
      assertThat(file.read()).hasValue(bytes("three"));
      file.delete();
      file.delete();
      assertThat(folder.resolve("run")).isEmptyDirectory();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
