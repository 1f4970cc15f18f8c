package org.dapt.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.dapt.error.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFolderTest {
  @TempDir private Path folder;

  @Test
  void whatAKilledProcessLeftHalfWrittenDoesNotFillAFolder() throws IOException {
    Files.writeString(folder.resolve(".lease.4711.tmp"), "{");
    OutputFolder free = free();
    free.write(Map.of("a", new byte[] {1}));
    assertThat(folder.resolve("a")).hasBinaryContent(new byte[] {1});
    assertThatThrownBy(this::free)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("is not empty");
  }

  private OutputFolder free() {
    return OutputFolder.free(new Configuration(), folder.toString());
  }
}
