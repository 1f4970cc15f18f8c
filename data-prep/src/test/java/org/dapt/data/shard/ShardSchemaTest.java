package org.dapt.data.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.apache.parquet.schema.Type;
import org.junit.jupiter.api.Test;

class ShardSchemaTest {
  @Test
  void hasTheDocumentedColumns() throws IOException {
    String formats = Files.readString(Path.of(System.getProperty("dapt.home"), "docs/formats.md"));
    int start = formats.indexOf("### Shards");
    String section = formats.substring(start, formats.indexOf("\n#", start));
    assertThat(
            Pattern.compile("(?m)^\\| `(\\w+)` \\|")
                .matcher(section)
                .results()
                .map(m -> m.group(1)))
        .containsExactlyElementsOf(
            ShardSchema.ALL.getFields().stream().map(Type::getName).toList());
  }
}
