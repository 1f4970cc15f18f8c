package org.dapt.data.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir private Path folder;

  @Test
  void aFileIsReplacedAndNothingElseStays() throws IOException {
    var files = FileSystem.getLocal(new Configuration());
    var target = new org.apache.hadoop.fs.Path(folder.resolve("a.json").toUri());
    AtomicFile.write(files, target, "first".getBytes(StandardCharsets.UTF_8));
    AtomicFile.write(files, target, "second".getBytes(StandardCharsets.UTF_8));
    assertThat(folder.resolve("a.json")).hasContent("second");
    try (var names = Files.list(folder)) {
      assertThat(names.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("a.json", ".a.json.crc");
    }
  }

  @Test
  void temporaryNamesAreHiddenAndDifferent() {
    var target = new org.apache.hadoop.fs.Path("/x/a.json");
    var first = AtomicFile.temporaryFor(target);
    assertThat(first.getParent()).isEqualTo(target.getParent());
    assertThat(first).isNotEqualTo(AtomicFile.temporaryFor(target));
    assertThat(AtomicFile.isTemporary(first)).isTrue();
    assertThat(AtomicFile.isTemporary(target)).isFalse();
  }

  @Test
  void theDigestIsSha256() throws IOException {
    var file = folder.resolve("abc");
    Files.writeString(file, "abc");
    assertThat(
            FileDigest.sha256(
                FileSystem.getLocal(new Configuration()),
                new org.apache.hadoop.fs.Path(file.toUri())))
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }
}
