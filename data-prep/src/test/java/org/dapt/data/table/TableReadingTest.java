package org.dapt.data.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.dapt.chat.ChatMessage;
import org.dapt.data.TaskFolders;
import org.dapt.data.reader.Instance;
import org.dapt.data.reader.InstanceSink;
import org.dapt.data.reader.Place;
import org.dapt.data.reader.RowFault;
import org.dapt.data.reader.Split;
import org.dapt.data.reader.TaskFile;
import org.dapt.data.reader.TaskFormat;
import org.dapt.error.InputException;
import org.dapt.metric.AnswerMetric;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of rows are read as instances. */
class TableReadingTest {
  private final Configuration hadoop = new Configuration();

  @TempDir private Path folder;

  @Test
  void aLineIsAnInstanceWithFieldsOfUsualNames() throws IOException {
    var found =
        read(
            "jsonl",
            file(
                "t.jsonl",
                String.join(
                    "\r\n",
                    "\uFEFF{\"id\": 7, \"question\": \"1 + 1?\", \"answer\": [\"2\", \"two\"]}",
                    "",
                    "   ",
                    "{\"question\": \"Is it?\", \"answer\": true, \"note\": null}",
                    "{\"answer\": 3.50, \"question\": \"\\ud800\"}")),
            Map.of());
    assertThat(found.names.toString()).isEqualTo("input = question, output = answer, id = id");
    assertThat(found.instances)
        .extracting(Instance::id, Instance::input, Instance::references)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("7", "1 + 1?", List.of("2", "two")),
            org.assertj.core.groups.Tuple.tuple("", "Is it?", List.of("true")),
            org.assertj.core.groups.Tuple.tuple("", "\uFFFD", List.of("3.50")));
    assertThat(found.instances)
        .extracting(instance -> instance.place().within())
        .containsExactly("line 1", "line 4", "line 5");
  }

  @ParameterizedTest
  @CsvSource({
    "12000000.0, 12000000.0",
    "12.50, 12.50",
    "0.10000000000000000000001, 0.10000000000000000000001",
    "1.5e3, 1500",
    "2E-7, 0.0000002",
    "0.00, 0.00",
    "-0.5, -0.5",
    "12000000, 12000000",
    "123456789012345678901234567890, 123456789012345678901234567890",
    "1e-99999, 1E-99999",
  })
  void aNumberIsTakenAsItIsWritten(String written, String text) throws IOException {
    var row = "{\"text\": \"a\", \"label\": " + written + "}";
    assertThat(read("jsonl", file("t.jsonl", row), Map.of()).instances.get(0).references())
        .containsExactly(text);
    assertThat(read("jsonl", file("t.json", "[" + row + "]"), Map.of()).instances.get(0))
        .extracting(Instance::references)
        .isEqualTo(List.of(text));
  }

  private Path parquet(MessageType schema, Group row) throws IOException {
    var file = folder.resolve("t.parquet");
    try (var writer =
        ExampleParquetWriter.builder(
                HadoopOutputFile.fromPath(new org.apache.hadoop.fs.Path(file.toUri()), hadoop))
            .withType(schema)
            .build()) {
      writer.write(row);
    }
    return file;
  }

  @Test
  void numbersOfParquetHaveNoExponent() throws IOException {
    var schema =
        MessageTypeParser.parseMessageType(
            "message schema { optional binary text (STRING); optional double label;"
                + " optional int32 id (DECIMAL(5,2)); optional float split; }");
    var row = new SimpleGroupFactory(schema).newGroup();
    row.append("text", "a").append("label", 1.2e7).append("id", 1000).append("split", 1e-7f);
    var file = parquet(schema, row);
    var found = read("parquet", file, Map.of("instruction", "split", "split", ""));
    var instance = found.instances.get(0);
    assertThat(instance.references()).containsExactly("12000000");
    assertThat(instance.id()).isEqualTo("10.00");
    assertThat(instance.instruction()).isEqualTo("0.00000010");
  }

  @Test
  void columnsOfParquetThatAreNotReadAreToldWhereTheyHoldTexts() throws IOException {
    var schema =
        MessageTypeParser.parseMessageType(
            "message schema { required binary text (STRING); required binary label (STRING);"
                + " optional binary note (STRING); optional int32 n; optional binary bytes;"
                + " optional group tags (LIST) { repeated group list { optional binary element"
                + " (STRING); } } }");
    var row = new SimpleGroupFactory(schema).newGroup();
    var file = parquet(schema, row.append("text", "a").append("label", "b").append("note", "c"));
    assertThat(read("parquet", file, Map.of()).passedOver).containsExactly("note", "tags");
    assertThat(read("parquet", file, Map.of("instruction", "note")).passedOver)
        .containsExactly("tags");
  }

  @Test
  void aListOfObjectsAndGzipAreReadAlike() throws IOException {
    var list = "[\n {\"text\": \"a\", \"label\": \"x\"},\n {\"text\": \"b\", \"label\": \"y\"}]\n";
    var plain = read("jsonl", file("t.json", list), Map.of());
    assertThat(plain.instances).extracting(Instance::input).containsExactly("a", "b");
    assertThat(plain.instances.get(1).place().within()).isEqualTo("line 3");
    var packed = read("jsonl", TaskFolders.writeGzip(folder.resolve("t.jsonl.gz"), list), Map.of());
    assertThat(packed.instances).extracting(Instance::input).containsExactly("a", "b");
    var facts =
        taskFile(folder.resolve("t.jsonl.gz"))
            .inspect(
                hadoop,
                table("jsonl").reader(hadoop, packed.names, RowFilter.ALL),
                AnswerMetric.ROUGE_L);
    assertThat(facts.contentSha256())
        .isEqualTo(
            taskFile(folder.resolve("t.json"))
                .inspect(
                    hadoop,
                    table("jsonl").reader(hadoop, plain.names, RowFilter.ALL),
                    AnswerMetric.ROUGE_L)
                .contentSha256());
  }

  @Test
  void alpacaHasInstructionsWithAndWithoutInput() throws IOException {
    var found =
        read(
            "alpaca",
            file(
                "t.json",
                "[{\"instruction\": \"Add.\", \"input\": \"1 1\", \"output\": \"2\"},"
                    + "{\"instruction\": \"Greet.\", \"input\": \"\", \"output\": \"Hi\"},"
                    + "{\"instruction\": \"Leave.\", \"output\": \"Bye\", \"text\": \"all of it\"}]"),
            Map.of());
    assertThat(found.instances)
        .extracting(Instance::instruction, Instance::input)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("Add.", "1 1"),
            org.assertj.core.groups.Tuple.tuple("Greet.", ""),
            org.assertj.core.groups.Tuple.tuple("Leave.", ""));
    // Beside our own name, another usual one means nothing.
    assertThat(found.passedOver).containsExactly("text");
  }

  @Test
  void alpacaTakesNoOtherFieldForTheInput() throws IOException {
    var file =
        file(
            "t.jsonl",
            "{\"instruction\": \"Add 1 1.\", \"output\": \"2\", \"source\": \"gsm8k\"}\n");
    var found = read("alpaca", file, Map.of());
    assertThat(found.names.toString()).isEqualTo("output = output, instruction = instruction");
    assertThat(found.instances).extracting(Instance::input).containsExactly("");
    assertThat(found.passedOver).containsExactly("source");
    assertThat(read("alpaca", file, Map.of("input", "source")).instances)
        .extracting(Instance::input)
        .containsExactly("gsm8k");
  }

  @Test
  void namedFieldsLeadIntoFieldsOfFields() throws IOException {
    var found =
        read(
            "jsonl",
            file(
                "t.jsonl",
                "{\"q\": {\"text\": \"Who?\"}, \"answers\": {\"text\": [\"I\", \"me\"]}, \"a.b\": \"k\"}"),
            Map.of("input", "q.text", "output", "answers.text", "id", "a.b"));
    assertThat(found.instances.get(0).input()).isEqualTo("Who?");
    assertThat(found.instances.get(0).references()).containsExactly("I", "me");
    assertThat(found.instances.get(0).id()).isEqualTo("k");
    assertThat(found.passedOver).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'question':'a','context':'b','answer':'c'} | has the fields question, context, each of which could be the input. Name the right one by tasks.fields.input",
        "{'quest':'a','answer':'c'} | has no field that is known to be the input: the usual names are input, text,",
        "{'quest':'a','answer':'c'} | there are answer, quest. Name it by tasks.fields.input",
        "{'text':'a','tag':'c'}     | known to be the output",
        "7                          | has no row that can be read: in the first that is there, it is not a JSON object",
      })
  void whatCannotBeKnownIsAskedWithTheNamesThatThereAre(String row, String message)
      throws IOException {
    var file = file("t.jsonl", row.replace('\'', '"') + "\n");
    assertThatThrownBy(() -> read("jsonl", file, Map.of()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("t.jsonl")
        .hasMessageContaining(message);
  }

  @Test
  void aStatedFieldThatIsNotThereIsAnError() throws IOException {
    var file = file("t.jsonl", "{\"question\": \"a\", \"answer\": \"b\"}");
    assertThatThrownBy(() -> read("jsonl", file, Map.of("input", "questoin")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no field questoin, which tasks.fields.input names; there are")
        .hasMessageContaining("question");
    // A blank name says that there is none.
    assertThat(read("jsonl", file, Map.of("instruction", "question", "input", "")).instances)
        .extracting(Instance::instruction)
        .containsExactly("a");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'text':'a'}                     | it has no label",
        "{'text':'a','label':null}        | it has no label",
        "{'label':'a'}                    | it has no text",
        "{'text':['a'],'label':'b'}       | text is a list, expected a text",
        "{'text':{'x':1},'label':'b'}     | text is an object with x, expected a text",
        "{'text':'a','label':[]}          | label is an empty list",
        "{'text':'a','label':[null]}      | label has null in its list",
        "{'text':1e999,'label':'b'}       | expected a text",
        "{'text':NaN,'label':'b'}         | text is the number NaN, expected a text",
        "{'text':'a','text':'b'}          | Duplicate field",
        "{'text':'a','label':'b'} x       | it is not a JSON object",
        "['a']                            | it is not a JSON object",
        "{'text':'a                       | it is not a JSON object",
      })
  void aBadRowIsNamedByItsLine(String row, String problem) throws IOException {
    var good = "{\"text\": \"g\", \"label\": \"b\"}\n";
    var found =
        read("jsonl", file("t.jsonl", good + row.replace('\'', '"') + "\n" + good), Map.of());
    assertThat(found.instances).hasSize(2);
    assertThat(found.bad).hasSize(1);
    assertThat(found.bad.get(0)).startsWith("line 2: ").contains(problem);
  }

  @Test
  void aLineThatIsNoTextIsABadRow() throws IOException {
    var file = folder.resolve("t.jsonl");
    Files.write(
        file, "{\"text\": \"é\", \"label\": \"b\"}\n".getBytes(StandardCharsets.ISO_8859_1));
    Files.writeString(
        file, "{\"text\": \"é\", \"label\": \"b\"}\n", java.nio.file.StandardOpenOption.APPEND);
    var found = read("jsonl", file, Map.of());
    assertThat(found.bad).containsExactly("line 1: it is not text in UTF-8");
    assertThat(found.instances).hasSize(1);
  }

  @Test
  void csvHasQuotesLineBreaksAndEmptyValues() throws IOException {
    var found =
        read(
            "csv",
            file(
                "t.csv",
                String.join(
                    "\r\n",
                    "\uFEFFtext,label,id",
                    "\"a, \"\"b\"\"\nc\",x,1",
                    " d ,y,",
                    "#e,\"\",3",
                    "f,,4",
                    "g,h",
                    "日本,z,6",
                    "")),
            Map.of());
    assertThat(found.instances)
        .extracting(Instance::input, Instance::references)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("a, \"b\"\nc", List.of("x")),
            org.assertj.core.groups.Tuple.tuple(" d ", List.of("y")),
            org.assertj.core.groups.Tuple.tuple("#e", List.of("")),
            org.assertj.core.groups.Tuple.tuple("日本", List.of("z")));
    assertThat(found.bad)
        .containsExactly(
            "line 6: it has no label", "line 7: it has 2 values, the first line has 3 names");
  }

  @Test
  void tabsSeparateTheValuesOfTsv() throws IOException {
    var found = read("csv", file("t.tsv", "text\tlabel\na, b\tx\n"), Map.of());
    assertThat(found.instances.get(0).input()).isEqualTo("a, b");
  }

  @ParameterizedTest
  @ValueSource(strings = {",text,label\n0,a,b\n", "\"\",\"text\",\"label\"\n\"1\",\"a\",\"b\"\n"})
  void theColumnOfRowNumbersThatToolsWriteWithoutANameIsPassedOver(String csv) throws IOException {
    var found = read("csv", file("t.csv", csv), Map.of());
    assertThat(found.instances.get(0).input()).isEqualTo("a");
    assertThat(found.instances.get(0).references()).containsExactly("b");
    assertThat(found.passedOver).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`\"Good film;pos\nbad;neg\n\"Fine;pos\n` | goes on to a quote in line 4 that 'F' follows",
        "`\"Good film;pos\nbad;neg\n`               | goes on to the end of the file",
        "`\"Good film;pos`                           | goes on to the end of the file",
      })
  void aQuoteThatSwallowsRowsIsRefusedByItsLine(String rows, String message) throws IOException {
    for (var end : List.of("\n", "\r\n")) {
      var text = ("text;label\n" + rows.replace("\\n", "\n")).replace(';', '\t').replace("\n", end);
      var file = file("t.tsv", text);
      assertThatThrownBy(() -> read("csv", file, Map.of()))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("t.tsv: line 2 has a value that begins with a quote")
          .hasMessageContaining(message);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r\n"})
  void quotesThatSwallowNothingAreRead(String end) throws IOException {
    var rows =
        List.of(
            "text,label",
            "\"Good\" film,a",
            "a 5\" disc,b",
            "\"x, \"\"y\"\"\" ,c",
            "\"\",\"\"",
            "\"\"\"\",\"d\"");
    var found = read("csv", file("t.csv", String.join(end, rows)), Map.of());
    assertThat(found.bad).isEmpty();
    assertThat(found.instances)
        .extracting(Instance::input)
        .containsExactly("\"Good\" film", "a 5\" disc", "x, \"y\"", "", "\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {",\na,b\n", "text,text\na,b\n", ""})
  void aTableNeedsNamesOfColumns(String csv) throws IOException {
    var file = file("t.csv", csv);
    assertThatThrownBy(() -> read("csv", file, Map.of()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("t.csv has ")
        .hasMessageContaining("column");
  }

  @Test
  void csvInAnotherEncodingIsRefused() throws IOException {
    var file = folder.resolve("t.csv");
    Files.write(file, "text,label\né,b\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> read("csv", file, Map.of()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("is not text in UTF-8");
  }

  @Test
  void theLastMessageOfTheAssistantIsTheAnswer() throws IOException {
    var found =
        read(
            "chat",
            file(
                "t.jsonl",
                """
                {"messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
                {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"}, {"role": "assistant", "content": [{"type": "text", "text": "d"}]}, {"role": "user", "content": "e"}]}
                """),
            Map.of());
    var first = found.instances.get(0);
    assertThat(first.messages())
        .containsExactly(new ChatMessage("system", "S"), new ChatMessage("user", "a"));
    assertThat(first.instruction()).isEqualTo("S");
    assertThat(first.input()).isEqualTo("a");
    assertThat(first.references()).containsExactly("b");
    var second = found.instances.get(1);
    assertThat(second.messages()).hasSize(3);
    assertThat(second.input()).isEqualTo("user: a\nassistant: b\nuser: c");
    assertThat(second.references()).containsExactly("d");
  }

  @Test
  void conversationsOfShareGptAreRead() throws IOException {
    var found =
        read(
            "chat",
            file(
                "t.json",
                "[{\"conversations\": [{\"from\": \"human\", \"value\": \"a\"}, {\"from\": \"gpt\","
                    + " \"value\": \"b\"}]},{\"conversations\": [{\"from\": \"gpt\", \"value\":"
                    + " \"b\"}]},{\"conversations\": [{\"from\": \"human\", \"value\":"
                    + " \"a\"}]},{\"conversations\": [{\"value\": \"a\"}]},{\"conversations\":"
                    + " [{\"from\": \"human\", \"content\": [{\"type\":"
                    + " \"image\"}]}]},{\"conversations\": \"a\"}, {\"conversation\":"
                    + " []},{\"conversations\": [{\"from\": \"human\", \"value\": \"a\"},"
                    + " {\"role\": \"assistant\", \"content\": \"\", \"tool_calls\": [{\"id\":"
                    + " \"1\"}]}]},{\"conversations\": [{\"from\": \"human\", \"value\": \"a\"},"
                    + " {\"role\": \"assistant\", \"content\": \"\", \"function_call\": {\"name\":"
                    + " \"f\"}}]},{\"conversations\": [{\"from\": \"human\", \"value\": \"a\"},"
                    + " {\"role\": \"assistant\", \"content\": \"b\", \"tool_calls\": [],"
                    + " \"function_call\": null}]}]"),
            Map.of());
    assertThat(found.instances.get(0).messages()).containsExactly(new ChatMessage("user", "a"));
    assertThat(found.bad)
        .containsExactly(
            "line 1: conversations has no message of the assistant behind another",
            "line 1: conversations has no message of the assistant",
            "line 1: a message of conversations has no role",
            "line 1: a message of conversations has a part of type image, only texts can be learnt",
            "line 1: conversations is no list, expected one of {role, content}",
            "line 1: it has no conversations",
            "line 1: a message of conversations calls a tool (tool_calls), only texts can be"
                + " learnt",
            "line 1: a message of conversations calls a tool (function_call), only texts can be"
                + " learnt");
    assertThat(found.instances).hasSize(2);
  }

  @Test
  void rowsAreTakenByTaskAndSplit() throws IOException {
    var file =
        file(
            "t.jsonl",
            """
            {"text": "a", "label": "1", "task": "x", "split": "train"}
            {"text": "b", "label": "1", "task": "y", "split": "train"}
            {"text": "c", "label": "1", "task": "x", "split": "validation"}
            {"text": "d", "label": "1", "task": "x", "split": "Test"}
            {"text": "e", "label": "1", "task": "x", "split": "held"}
            {"text": "f", "label": "1", "task": "x"}
            {"text": "g", "label": "1", "task": null, "split": "dev"}
            """);
    var names = table("jsonl").resolve(hadoop, taskFile(file), FieldNames.of(Map.of()));
    var found = new Found(names);
    read("jsonl", file, found, new RowFilter("x", Split.DEV));
    assertThat(found.instances).extracting(Instance::input).containsExactly("c");
    assertThat(found.bad)
        .containsExactly(
            "line 5: split is held, expected train, dev (or validation) or test",
            "line 6: it has no split",
            "line 7: it has no task");
    assertThat(table("jsonl").values(hadoop, List.of(taskFile(file)), names, Field.TASK))
        .containsExactly("x", "y");
  }

  private Found read(String format, Path file, Map<String, String> stated) throws IOException {
    var found = new Found(table(format).resolve(hadoop, taskFile(file), FieldNames.of(stated)));
    read(format, file, found, RowFilter.ALL);
    return found;
  }

  private void read(String format, Path file, Found found, RowFilter filter) throws IOException {
    taskFile(file).read(hadoop, table(format).reader(hadoop, found.names, filter), found);
  }

  private static TableFormat table(String format) {
    return (TableFormat) TaskFormat.of(format);
  }

  private static TaskFile taskFile(Path file) {
    return new TaskFile(file.toUri().toString());
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  /** What a file has. */
  private static final class Found implements InstanceSink {
    private final FieldNames names;
    private final List<Instance> instances = new ArrayList<>();
    private final List<String> bad = new ArrayList<>();
    private final List<String> passedOver = new ArrayList<>();

    private Found(FieldNames names) {
      this.names = names;
    }

    @Override
    public void accept(long position, Instance instance) {
      assertThat(position).isEqualTo(instances.size());
      instances.add(instance);
    }

    @Override
    public void passedOver(String field) {
      passedOver.add(field);
    }

    @Override
    public void bad(Place place, RowFault fault, String problem) {
      bad.add(place.within() + ": " + problem);
    }
  }
}
