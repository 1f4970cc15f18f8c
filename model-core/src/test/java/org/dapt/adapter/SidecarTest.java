package org.dapt.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.dapt.error.InputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The sidecar as a file. */
class SidecarTest {
  private static final Sidecar SIDECAR =
      new Sidecar(
          Sidecar.FORMAT,
          "dapt test",
          Sidecar.BLOCK,
          "run",
          "dapt-lora",
          "aa",
          "bb",
          "float32",
          64,
          true,
          "second",
          2,
          "cc",
          List.of(new Sidecar.Earlier("first", "dd")),
          new Sidecar.Attention(1.5, List.of(0.25, 0.75)),
          new Sidecar.Text("{definition} {input}", "Say \"ü\".", 512, 50, false, true),
          null);

  @Test
  void whatIsWrittenIsRead() {
    assertThat(Sidecar.parse(SIDECAR.bytes(), "file")).isEqualTo(SIDECAR);
    assertThat(new String(SIDECAR.bytes(), StandardCharsets.UTF_8))
        .contains("\"model_sha256\" : \"aa\"", "\"mean_attention\"", "\"max_source_tokens\" : 512");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{\"format\": \"2\"}",
        "{\"format\": \"1\"}",
        "{\"format\": \"1\", \"kind\": {}}",
        "{\"format\": \"1\", \"alpha\": null}",
        "{\"format\": \"1\", \"kind\": \"block\", \"method\": \"m\", \"earlier\": []}",
        "{"
      })
  void damagedFilesAreRefusedByName(String text) {
    assertThatThrownBy(() -> Sidecar.parse(text.getBytes(StandardCharsets.UTF_8), "that file"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("that file");
  }
}
