package org.dapt.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.dapt.error.InputException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MarkerTest {
  private static final Map<String, String> INPUTS = Map.of("data", "aa", "block", "bb");

  @TempDir java.nio.file.Path folder;
  private Marker marker;

  @BeforeEach
  void open() throws IOException {
    marker =
        Marker.of(
            FileSystem.getLocal(new Configuration()), new Path(folder.resolve("task").toUri()));
  }

  @Test
  void aFolderIsUnfinishedUntilItIsMarked() {
    assertThat(marker.isDone()).isFalse();
    assertThat(marker.matches("c1", INPUTS)).isFalse();
    assertThatThrownBy(marker::summary)
        .isInstanceOf(InputException.class)
        .hasMessageContaining("is not finished");
    marker.write("c1", INPUTS, Map.of());
    assertThat(marker.isDone()).isTrue();
  }

  @Test
  void itMatchesTheSameConfigurationAndInputsOnly() {
    marker.write("c1", INPUTS, Map.of());
    assertThat(marker.matches("c1", INPUTS)).isTrue();
    assertThat(marker.matches("c2", INPUTS)).isFalse();
    assertThat(marker.matches("c1", Map.of("data", "aa"))).isFalse();
    assertThat(marker.matches("c1", Map.of("data", "aa", "block", "b2"))).isFalse();
    marker.write("c2", Map.of(), Map.of());
    assertThat(marker.matches("c2", Map.of())).isTrue();
    assertThat(marker.configHash()).hasValue("c2");
  }

  @Test
  void itKeepsTheSummary() {
    Map<String, Object> summary =
        Map.of("steps", 120, "loss", 0.25, "target", List.of(0.5, 0.5), "select", "last");
    marker.write("c1", INPUTS, summary);
    assertThat(marker.summary()).isEqualTo(summary);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{\"format\":\"1\"",
        "{\"format\":\"9\",\"config_hash\":\"c1\"}",
        "{\"format\":\"1\",\"inputs\":{},\"summary\":{}}",
        "{\"format\":\"1\",\"config_hash\":\"c1\",\"inputs\":3,\"summary\":{}}",
        "{\"format\":\"1\",\"config_hash\":\"c1\",\"inputs\":{\"data\":1},\"summary\":{}}",
        "{\"format\":\"1\",\"config_hash\":\"c1\",\"summary\":{}}"
      })
  void aDamagedMarkerSaysToDeleteTheFolder(String content) throws IOException {
    Files.createDirectories(folder.resolve("task"));
    Files.writeString(folder.resolve("task/_DONE"), content);
    assertThatThrownBy(marker::isDone)
        .isInstanceOf(InputException.class)
        .hasMessageContaining("_DONE is damaged")
        .hasMessageContaining("delete this folder");
  }
}
