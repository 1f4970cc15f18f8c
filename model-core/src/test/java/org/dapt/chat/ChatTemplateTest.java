package org.dapt.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.dapt.error.ConfigException;
import org.dapt.error.InputException;
import org.dapt.io.LocalModelFiles;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Chat templates are rendered as Transformers renders them; {@code make.py} made the cases. */
class ChatTemplateTest {
  @TempDir private Path folder;

  @TestFactory
  Stream<DynamicTest> conversationsAreWrittenAsByTransformers() throws IOException {
    JsonNode golden;
    try (var in = ChatTemplateTest.class.getResourceAsStream("/chat-templates/cases.json")) {
      golden = JsonMapper.builder().build().readTree(in);
    }
    var cases = new ArrayList<DynamicTest>();
    for (var one : golden.path("cases")) {
      var template = golden.path("templates").path(one.path("template").asText());
      cases.add(
          DynamicTest.dynamicTest(
              cases.size() + " " + one.path("template").asText(), () -> check(template, one)));
    }
    assertThat(cases).hasSizeGreaterThan(50);
    return cases.stream();
  }

  private static void check(JsonNode template, JsonNode one) {
    var tokens = new HashMap<String, String>();
    template
        .path("tokens")
        .fields()
        .forEachRemaining(token -> tokens.put(token.getKey(), token.getValue().asText()));
    var chat = ChatTemplate.of(template.path("source").asText(), "golden", tokens);
    var messages = new ArrayList<ChatMessage>();
    for (var message : one.path("messages")) {
      messages.add(
          new ChatMessage(message.path("role").asText(), message.path("content").asText()));
    }
    var answers = one.path("add_generation_prompt").asBoolean();
    if (one.has("refused")) {
      assertThatThrownBy(() -> chat.render(messages, answers))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("golden refuses the conversation: " + one.path("refused").asText());
    } else {
      assertThat(chat.render(messages, answers)).isEqualTo(one.path("text").asText());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{% include 'x' %}                 | line 1: the statement include is not supported",
        "`a\n{{ messages | pprint }}`      | line 2: the filter pprint is not supported",
        "{% if messages is escaped %}      | line 1: the test escaped is not supported",
        "{% for m in messages recursive %} | a recursive loop is not supported",
        "{% for m in messages %}           | found the end of the template",
        "{{ messages                       | {{ is not closed by }}",
        "{{ 'a                             | ''' is not understood",
        "{{ messages.append('x') }}        | the method append changes a value",
        "{{ nothing.at_all }}              | 'nothing' is undefined",
        "{{ nothing + 'a' }}               | 'nothing' is undefined",
        "{{ messages[0].content.encode() }}| which is undefined, cannot be called",
        "{% for i in range(1000000) %}{% endfor %} | more than 100000 numbers",
        "{{ 'x' * 1000000000 }}            | characters of text",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }} | more than 50 deep",
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %} | steps",
      })
  void whatCannotBeRenderedIsRefusedByName(String source, String reason) {
    assertThatThrownBy(() -> ChatTemplate.of(source, "model/tokenizer_config.json", Map.of()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("The chat template in model/tokenizer_config.json cannot be rendered")
        .hasMessageContaining(reason);
  }

  @Test
  void textsThatDoubleInALoopComeToAnEnd() {
    var source =
        "{% set n = namespace(t='ab') %}{% for i in range(90) %}{% set n.t = n.t ~ n.t %}{% endfor %}";
    assertThatThrownBy(() -> ChatTemplate.of(source, "f", Map.of()))
        .hasMessageContaining("characters of text");
    var deep = "{{ " + "(".repeat(100_000) + ")".repeat(100_000) + " }}";
    assertThatThrownBy(() -> ChatTemplate.of(deep, "f", Map.of())).hasMessageContaining("deep");
  }

  @Test
  void theEndOfATurnIsWhatStandsBehindAnAnswer() {
    var source =
        "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>\n{% endfor %}{{ eos_token }}";
    assertThat(ChatTemplate.of(source, "f", Map.of("eos_token", "</s>")).turnEnd())
        .isEqualTo("<|end|>\n</s>");
    assertThat(ChatTemplate.of("{{ raise_exception('no') }}", "f", Map.of()).turnEnd()).isEmpty();
  }

  @Test
  void todayIsWrittenAsTheTemplateAsks() {
    var time = java.time.LocalDateTime.of(2026, 3, 7, 9, 5, 1);
    assertThat(TimeText.of("%d %b %Y, %A %-d.%-m. %I:%M %p %%", time))
        .isEqualTo("07 Mar 2026, Saturday 7.3. 09:05 AM %");
    var today = ChatTemplate.of("{{ strftime_now('%Y') }}", "f", Map.of());
    assertThat(today.render(List.of(), true)).matches("20\\d\\d");
  }

  @Test
  void aTemplateIsFoundInEachPlaceWhereModelsHaveIt() throws IOException {
    var files = new LocalModelFiles(folder);
    assertThatThrownBy(() -> ChatTemplateFile.read(files))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("has no chat template")
        .hasMessageContaining("chat_template.jinja");
    write(
        "tokenizer_config.json",
        "{\"bos_token\": {\"content\": \"<s>\"}, \"chat_template\": [{\"name\": \"tool_use\", \"template\":"
            + " \"no\"}, {\"name\": \"default\", \"template\": \"{{ bos_token }}named\"}]}");
    assertThat(rendered(files)).isEqualTo("<s>named");
    write(
        "tokenizer_config.json",
        "{\"bos_token\": \"<b>\", \"chat_template\": \"{{ bos_token }}text\"}");
    assertThat(rendered(files)).isEqualTo("<b>text");
    var before = ChatTemplateFile.read(files).sha256();
    write("chat_template.jinja", "{{ bos_token }}own\n");
    assertThat(rendered(files)).isEqualTo("<b>own");
    assertThat(ChatTemplateFile.read(files).sha256()).isNotEqualTo(before);
  }

  private static String rendered(LocalModelFiles files) {
    return ChatTemplateFile.read(files).render(List.of(new ChatMessage("user", "x")), true);
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
  }
}
