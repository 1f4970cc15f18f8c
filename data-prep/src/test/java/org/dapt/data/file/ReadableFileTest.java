package org.dapt.data.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.dapt.data.shard.ManifestFile;
import org.dapt.data.shard.Projection;
import org.dapt.data.shard.ShardReader;
import org.dapt.data.shard.TaskManifest;
import org.dapt.error.InputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadableFileTest {
  private static final String REASON = "Too many open files";

  @TempDir private Path folder;

  private final Configuration hadoop = NoDescriptors.configuration();

  @Test
  void aFileThatIsThereIsNotCalledMissing() throws IOException {
    Files.writeString(folder.resolve("a"), "text");
    FileSystem files = path("a").getFileSystem(hadoop);
    assertThatThrownBy(() -> ReadableFile.open(files, path("a")))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(FileNotFoundException.class)
        .hasMessageContainingAll(path("a").toString(), REASON);
    assertThatThrownBy(() -> ReadableFile.open(files, path("b")))
        .isInstanceOf(FileNotFoundException.class);
  }

  @Test
  void aFileIsOpened() throws IOException {
    Files.writeString(folder.resolve("a"), "text");
    var local = new org.apache.hadoop.fs.Path(folder.resolve("a").toUri());
    try (var in = ReadableFile.open(FileSystem.getLocal(hadoop), local)) {
      assertThat(in.readAllBytes()).asString().isEqualTo("text");
    }
  }

  @Test
  void aManifestThatIsThereNeedsNoPreparing() throws IOException {
    FileSystem files = path(".").getFileSystem(hadoop);
    assertThatThrownBy(() -> ManifestFile.read(files, path("task")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("Run prepare");
    Files.createDirectory(folder.resolve("task"));
    Files.writeString(folder.resolve("task").resolve(TaskManifest.FILE), "{}");
    assertThatThrownBy(() -> ManifestFile.read(files, path("task")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(REASON);
  }

  @Test
  void nobodyIsToldToDeleteAShardThatIsThere() throws IOException {
    var shard = new TaskManifest.Shard(0, "a.parquet", 1, 4, "");
    assertThatThrownBy(() -> ShardReader.open(hadoop, path("."), shard, Projection.ALL))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("does not exist");
    Files.writeString(folder.resolve("a.parquet"), "PAR1");
    assertThatThrownBy(() -> ShardReader.open(hadoop, path("."), shard, Projection.ALL))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining(REASON);
  }

  private org.apache.hadoop.fs.Path path(String name) {
    return new org.apache.hadoop.fs.Path("full://" + folder.resolve(name).normalize());
  }
}
