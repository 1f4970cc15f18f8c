package org.dapt.predict;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputFieldsTest {
  private final InputFields fields = new InputFields("input", "id", "instruction");

  @Test
  void numbersThatPythonWritesArePassedOverButAreNoTexts() {
    assertThat(
            fields.ofLine("{\"score\": NaN, \"input\": \"a\", \"range\": [Infinity, -Infinity]}"))
        .isEqualTo(new InputRow(null, null, "a", null));
    assertThat(fields.ofLine("{\"input\": NaN}").problem()).isEqualTo("input is not a text");
    assertThat(fields.ofLine("{\"id\": NaN, \"input\": \"a\"}").problem())
        .isEqualTo("id is neither a text nor a whole number");
  }

  @Test
  void theyAreInTaskFilesToo(@TempDir Path folder) throws IOException {
    var text =
        """
        {"URL": [NaN], "Instances": [{"input": "a", "score": NaN}], "Definition": ["D"]}
        """;
    assertThat(InputKind.ofJson(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8))))
        .isEqualTo(InputKind.JSON);
    var file = Files.writeString(folder.resolve("t.json"), text);
    List<InputRow> rows = new ArrayList<>();
    new TaskFileInputs(new Configuration(), file.toUri().toString(), fields).read(rows::add);
    assertThat(rows).containsExactly(new InputRow(null, "D", "a", null));
  }

  @Test
  void theInstructionIsWhereItIsSaidToBe() {
    var line = "{\"instruction\": \"A\", \"todo\": \"B\", \"input\": \"a\"}";
    assertThat(new InputFields("input", "id", "todo").ofLine(line).instruction()).isEqualTo("B");
    assertThat(new InputFields("input", "id", "").ofLine(line).instruction()).isNull();
    assertThat(
            new InputFields("input", "id", "todo")
                .ofLine("{\"input\": \"a\", \"todo\": 1}")
                .problem())
        .isEqualTo("todo is not a text");
  }

  @Test
  void aBlankInstructionIsNone() {
    assertThat(fields.ofLine("{\"instruction\": \" \", \"input\": \"a\"}"))
        .isEqualTo(new InputRow(null, null, "a", null));
  }
}
