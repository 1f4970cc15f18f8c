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
import org.dapt.chat.ChatMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputFieldsTest {
  private final InputFields fields = new InputFields("input", "id", "instruction", "messages");

  @Test
  void numbersThatPythonWritesArePassedOverButAreNoTexts() {
    assertThat(
            fields.ofLine("{\"score\": NaN, \"input\": \"a\", \"range\": [Infinity, -Infinity]}"))
        .isEqualTo(new InputRow(null, null, "a"));
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
    assertThat(rows).containsExactly(new InputRow(null, "D", "a"));
  }

  @Test
  void theInstructionIsWhereItIsSaidToBe() {
    var line = "{\"instruction\": \"A\", \"todo\": \"B\", \"input\": \"a\"}";
    assertThat(new InputFields("input", "id", "todo", "messages").ofLine(line).instruction())
        .isEqualTo("B");
    assertThat(new InputFields("input", "id", "", "messages").ofLine(line).instruction()).isNull();
    assertThat(
            new InputFields("input", "id", "todo", "messages")
                .ofLine("{\"input\": \"a\", \"todo\": 1}")
                .problem())
        .isEqualTo("todo is not a text");
  }

  @Test
  void aConversationIsAskedUpToWhatTheAssistantSaysAtTheEnd() {
    var said =
        "{\"role\": \"user\", \"content\": \"Hi\"}, {\"from\": \"gpt\", \"value\": \"Yes?\"}";
    var last = "{\"role\": \"user\", \"content\": \"Why?\"}";
    var system = "{\"role\": \"system\", \"content\": \"Be kind.\"}, ";
    List<ChatMessage> asked =
        List.of(
            new ChatMessage("user", "Hi"),
            new ChatMessage("assistant", "Yes?"),
            new ChatMessage("user", "Why?"));

    InputRow row = conversation(said + ", " + last);
    assertThat(row.messages()).isEqualTo(asked);
    assertThat(row.input()).isEqualTo("user: Hi\nassistant: Yes?\nuser: Why?");
    assertThat(row.instruction()).isNull();
    // As it was learnt from: with the answer.
    assertThat(conversation(said).messages()).isEqualTo(asked.subList(0, 1));
    assertThat(conversation(system + last).instruction()).isEqualTo("Be kind.");
    assertThat(conversation(system + last).input()).isEqualTo("Why?");
    assertThat(conversation("{\"role\": \"assistant\", \"content\": \"a\"}").problem())
        .isEqualTo("messages has no message but the assistant's");
    assertThat(conversation("").problem()).isEqualTo("messages has no message");
    assertThat(fields.ofLine("{\"messages\": 3}").problem()).contains("messages is no list");
    assertThat(fields.ofLine("{\"input\": \"a\", \"messages\": []}"))
        .isEqualTo(new InputRow(null, null, "a"));
  }

  private InputRow conversation(String messages) {
    return fields.ofLine("{\"messages\": [" + messages + "]}");
  }

  @Test
  void anInstructionAloneIsAsked() {
    assertThat(fields.ofLine("{\"instruction\": \"A\"}")).isEqualTo(new InputRow(null, "A", ""));
    assertThat(fields.ofLine("{\"instruction\": \"A\", \"input\": null}"))
        .isEqualTo(new InputRow(null, "A", ""));
    assertThat(fields.ofLine("{\"instruction\": \" \", \"id\": 7}"))
        .isEqualTo(InputRow.bad("7", "input is missing"));
    assertThat(new InputFields("", "id", "todo", "messages").ofLine("{\"id\": 7}").problem())
        .isEqualTo("todo is missing");
    assertThat(fields.ofColumns("7", "A", null)).isEqualTo(new InputRow("7", "A", ""));
    assertThat(fields.ofColumns("7", null, null).problem()).isEqualTo("input is missing");
  }

  @Test
  void namesLeadIntoFieldsOfFields() {
    var nested = new InputFields("data.question", "meta.id", "data.todo", "data.said");
    assertThat(
            nested.ofLine(
                "{\"data\": {\"question\": \"a\", \"todo\": \"B\"}, \"meta\": {\"id\": 7}}"))
        .isEqualTo(new InputRow("7", "B", "a"));
    assertThat(nested.ofLine("{\"data.question\": \"a\", \"data\": {\"question\": \"b\"}}"))
        .isEqualTo(new InputRow(null, null, "a"));
    assertThat(nested.ofLine("{\"data\": \"a\"}").problem()).isEqualTo("data.question is missing");
    assertThat(
            nested
                .ofLine("{\"data\": {\"said\": [{\"role\": \"user\", \"content\": \"Why?\"}]}}")
                .messages())
        .containsExactly(new ChatMessage("user", "Why?"));
  }

  @Test
  void conversationsNeedNoInstruction(@TempDir Path folder) throws IOException {
    var parts = new org.apache.hadoop.fs.Path(folder.toUri());
    try (var writer = new InputPartWriter(new Configuration(), parts, 9)) {
      writer.write(0, 0, conversation("{\"role\": \"user\", \"content\": \"Why?\"}"));
      writer.write(0, 0, fields.ofLine("{\"input\": \"a\"}"));
      writer.write(0, 0, fields.ofLine("{\"input\": \"a\", \"instruction\": \"A\"}"));
      writer.write(0, 0, fields.ofLine("{}"));
      assertThat(writer.finish())
          .extracting(InputPart::rows, InputPart::bare, InputPart::bad)
          .containsExactly(org.assertj.core.groups.Tuple.tuple(4L, 2L, 1L));
    }
  }

  @Test
  void aBlankInstructionIsNone() {
    assertThat(fields.ofLine("{\"instruction\": \" \", \"input\": \"a\"}"))
        .isEqualTo(new InputRow(null, null, "a"));
  }
}
