package org.dapt.data.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.Util;
import org.dapt.data.shard.TaskManifest.Shard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExampleWriterTest {
  @TempDir private Path folder;

  /** More than is held back at the end of a file, and in several row groups. */
  private final List<TokenisedExample> rows = rows();

  private static List<TokenisedExample> rows() {
    Random random = new Random(1);
    return IntStream.range(0, 1_500)
        .mapToObj(
            i ->
                new TokenisedExample(
                    i,
                    "id-" + i,
                    "text " + random.nextLong(),
                    List.of("a", "b"),
                    random.ints(600).toArray(),
                    random.ints(3).toArray()))
        .toList();
  }

  @Test
  void theFooterIsTheSameInEveryProcess() throws IOException {
    Path file = write("one.parquet");
    byte[] bytes = Files.readAllBytes(file);
    assertThat(bytes.length).isGreaterThan(3 << 20);
    FileMetaData footer = footer(bytes);
    assertThat(footer.getNum_rows()).isEqualTo(rows.size());
    assertThat(footer.getRow_groups()).hasSizeGreaterThan(1);
    // What a hash set of constants is in order of differs from process to process.
    assertThat(footer.getRow_groups())
        .flatMap(group -> group.getColumns())
        .hasSizeGreaterThan(10)
        .allSatisfy(
            column -> {
              List<Encoding> encodings = column.getMeta_data().getEncodings();
              assertThat(encodings).hasSizeGreaterThan(1).isSorted();
            });
    assertThat(Files.readAllBytes(write("two.parquet"))).isEqualTo(bytes);
  }

  @Test
  void whatIsHeldBackWhileAFileIsWrittenComesInOrder() throws IOException {
    Path file = write("one.parquet");
    var hadoop = new Configuration();
    var path = new org.apache.hadoop.fs.Path(file.toUri());
    var shard = new Shard(0, "one.parquet", rows.size(), Files.size(file), "");
    try (var reader = ShardReader.open(hadoop, path.getParent(), shard, Projection.ALL)) {
      assertThat(reader.readAll()).isEqualTo(rows);
    }
  }

  private Path write(String name) throws IOException {
    Path file = folder.resolve(name);
    Shards.write(new Configuration(), new org.apache.hadoop.fs.Path(file.toUri()), rows);
    return file;
  }

  private static FileMetaData footer(byte[] file) throws IOException {
    int size =
        ByteBuffer.wrap(file)
            .order(ByteOrder.LITTLE_ENDIAN)
            .getInt(file.length - 2 * Integer.BYTES);
    return Util.readFileMetaData(
        new ByteArrayInputStream(file, file.length - 2 * Integer.BYTES - size, size));
  }
}
