package org.dapt.data.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.dapt.error.ConfigException;
import org.dapt.error.InputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTaskReaderTest {
  private static final String ONE = "[{\"input\": \"a\", \"output\": \"b\"}]";

  private final List<Instance> read = new ArrayList<>();

  @Test
  void bothFormsOfOutputAndDefinitionAreRead() throws IOException {
    var definition =
        read(
            "super-ni",
            """
            {"Source": ["x", {"deep": [1, 2]}],
             "Definition": ["Do it.", "Or do it so."],
             "Instances": [
               {"id": "i1", "input": "one\\n", "output": ["1", "uno"], "note": {"output": 3}},
               {"output": "2", "input": ""}],
             "Positive Examples": [{"input": "p", "output": "q"}]}
            """);
    assertThat(definition).isEqualTo("Do it.");
    assertThat(read)
        .containsExactly(
            new Instance("i1", "one\n", List.of("1", "uno")), new Instance("", "", List.of("2")));
    assertThat(read("super-ni", "{\"Definition\": \"Text.\", \"Instances\": " + ONE + "}"))
        .isEqualTo("Text.");
  }

  @Test
  void halvesOfSurrogatePairsAreReplaced() throws IOException {
    read(
        "long-sequence",
        "[{\"input\": \"\\ud800a\\ud83d\\ude00\", \"output\": [\"\\udc00\\ud800\"]}]");
    assertThat(read)
        .containsExactly(new Instance("", "\ufffda\ud83d\ude00", List.of("\ufffd\ufffd")));
  }

  @Test
  void numbersThatPythonWritesArePassedOverWhereNobodyReadsThem() throws IOException {
    read(
        "super-ni",
        """
        {"URL": [NaN], "Weights": {"a": Infinity, "b": [-Infinity, {"c": NaN}]},
         "Definition": ["D"],
         "Instances": [{"score": NaN, "input": "a", "output": ["b"], "rank": -Infinity}]}
        """);
    assertThat(read).containsExactly(new Instance("", "a", List.of("b")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"input\": NaN, \"output\": \"b\"}",
        "{\"input\": \"a\", \"output\": NaN}",
        "{\"input\": \"a\", \"output\": [NaN]}",
        "{\"id\": NaN, \"input\": \"a\", \"output\": \"b\"}",
        "{\"instruction\": NaN, \"input\": \"a\", \"output\": \"b\"}"
      })
  void numbersThatPythonWritesAreNoTexts(String instance) {
    assertThatThrownBy(() -> read("long-sequence", "[" + instance + "]"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("found the number NaN, expected")
        .hasMessageContaining("instance 0 (counted from 0)");
  }

  @Test
  void anInstanceMayBringItsOwnInstruction() throws IOException {
    read("long-sequence", "[{\"instruction\": \"Sum\", \"input\": \"\", \"output\": \"o\"}]");
    assertThat(read).containsExactly(new Instance("", "Sum", "", List.of("o")));
    assertThat(read.get(0).instructionOr("D")).isEqualTo("Sum");
    assertThat(new Instance("", "a", List.of("o")).instructionOr("D")).isEqualTo("D");
  }

  @Test
  void fieldsMayComeInAnyOrder() throws IOException {
    assertThat(read("super-ni", "{\"Instances\": " + ONE + ", \"Definition\": [\"Last.\"]}"))
        .isEqualTo("Last.");
    assertThat(read).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "\"Definition\": [],", "\"Definition\": \"\",", "\"Definition\": null,"})
  void onlyLongSequenceDoesWithoutDefinition(String field) throws IOException {
    var json = "{" + field + "\"Instances\": " + ONE + "}";
    assertThat(read("long-sequence", json)).isEmpty();
    assertThatThrownBy(() -> read("super-ni", json))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("some.json has no Definition");
  }

  @Test
  void onlyLongSequenceReadsABareList() throws IOException {
    assertThat(read("long-sequence", ONE)).isEmpty();
    assertThat(read).containsExactly(new Instance("", "a", List.of("b")));
    assertThatThrownBy(() -> read("super-ni", ONE))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("line 1, column 1: found a list, expected an object");
  }

  @Test
  void anInstanceWithoutInputOrOutputIsNamed() {
    assertFails(
        instances("{\"input\": \"a\", \"output\": \"b\"},\n  {\"id\": \"x7\", \"output\": \"b\"}"),
        "line 2, column 3: instance 1 (counted from 0) with id x7 has no input");
    assertFails(instances("{\"input\": \"a\"}"), "instance 0 (counted from 0) has no output");
    assertFails(
        instances("{\"input\": \"a\", \"output\": null}"),
        "instance 0 (counted from 0) has no output");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"input\": 3, \"output\": \"b\"} | found a number, expected a text as input of instance"
            + " 0",
        "{\"input\": [\"a\"], \"output\": \"b\"} | found a list, expected a text as input of"
            + " instance 0",
        "{\"input\": \"a\", \"output\": {}} | found an object, expected a text as output, or a"
            + " list",
        "{\"input\": \"a\", \"output\": [\"b\", 4]} | found a number, expected texts in the list"
            + " output",
        "{\"input\": \"a\", \"output\": []} | expected at least one text in the list output of"
            + " instance 0",
        "{\"id\": true, \"input\": \"a\", \"output\": \"b\"} | found a truth value, expected a text"
            + " or a whole",
        "\"a\" | found a text, expected an object {id, input, output} as instance 0",
      })
  void wrongTypesAreNamedWithTheirPlace(String instance, String message) {
    assertFails(instances(instance), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"Definition\": \"d\", \"Instances\": []} | has no instances",
        "{\"Definition\": \"d\"} | has no instances",
        "{\"Definition\": \"d\", \"Instances\": {}} | found an object, expected a list of objects",
        "{\"Definition\": 5, \"Instances\": []} | found a number, expected a text or a list of"
            + " texts as",
        "{\"Definition\": [5], \"Instances\": []} | found a number, expected texts in the list"
            + " Definition",
        "3 | line 1, column 1: found a number, expected an object",
      })
  void wrongRootsAreNamedWithTheirPlace(String json, String message) {
    assertFails(json, message);
  }

  @Test
  void malformedJsonIsNamedWithLineAndColumn() {
    assertFails(
        instances("{\"input\": \"a\",\n \"output\" \"b\"}"),
        "not well-formed JSON: line 2, column 12");
    assertFails(
        instances("{\"input\": \"a\", \"output\": \"b\"}").substring(0, 60),
        "not well-formed JSON: line 1");
    assertFails("", "line 1, column 1: found the end, expected an object");
    assertFails(instances("{\"input\": \"a\", \"input\": \"b\"}"), "Duplicate field 'input'");
    assertFails(
        "{\"Definition\": \"d\", \"Instances\": " + ONE + "} {}",
        "found an object, expected the end of the file");
  }

  @Test
  void aLargeFileIsReadOneInstanceAtATime() throws IOException {
    // The sink stops the reader after the first instance of a file that never ends.
    var endless = new EndlessInstances();
    assertThatThrownBy(
            () ->
                TaskReader.named("super-ni")
                    .read(
                        endless,
                        "endless",
                        (position, instance) -> {
                          if (position == 1000) {
                            throw new IOException("enough");
                          }
                        }))
        .isInstanceOf(IOException.class)
        .hasMessage("enough");
    assertThat(endless.bytesRead).isLessThan(200_000);
  }

  @Test
  void anUnknownFormatListsTheKnownOnes() {
    assertThatThrownBy(() -> TaskReader.named("superni"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("tasks.format is 'superni'")
        .hasMessageContaining("[alpaca, chat, csv, jsonl, long-sequence, parquet, super-ni]");
  }

  private static String instances(String list) {
    return "{\"Definition\": \"d\", \"Instances\": [" + list + "]}";
  }

  private void assertFails(String json, String message) {
    assertThatThrownBy(() -> read("super-ni", json))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("some.json")
        .hasMessageContaining(message);
  }

  private String read(String format, String json) throws IOException {
    read.clear();
    var bytes = json.getBytes(StandardCharsets.UTF_8);
    return TaskReader.named(format)
        .read(
            new ByteArrayInputStream(bytes),
            "some.json",
            (position, instance) -> read.add(instance));
  }

  private static final class EndlessInstances extends java.io.InputStream {
    private final byte[] start =
        "{\"Definition\": \"d\", \"Instances\": [".getBytes(StandardCharsets.UTF_8);
    private final byte[] repeated =
        "{\"input\": \"some text\", \"output\": \"label\"},".getBytes(StandardCharsets.UTF_8);
    private long bytesRead;

    @Override
    public int read() {
      var at = bytesRead++;
      return at < start.length
          ? start[(int) at]
          : repeated[(int) ((at - start.length) % repeated.length)];
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      for (var i = 0; i < length; i++) {
        into[offset + i] = (byte) read();
      }
      return length;
    }
  }
}
