package org.dapt.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.apache.spark.sql.Row;
import org.dapt.chat.ChatMessage;
import org.dapt.error.InputException;
import org.dapt.gang.TestSpark;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputTableTest {
  @TempDir private Path folder;

  @Test
  void columnsThatNobodyAsksForMayBeOfAnyType() throws IOException {
    var file =
        parquet(
            "message m { required int64 at (TIMESTAMP(NANOS,false)); required binary input (UTF8);"
                + " required int32 t (TIME(MILLIS,true)); }",
            row -> row.append("at", 1L).append("input", "a").append("t", 1));
    assertThat(rows(file, "id"))
        .extracting(row -> row.getString(InputTable.TEXT), row -> row.getString(InputTable.ID))
        .containsExactly(org.assertj.core.groups.Tuple.tuple("a", null));
    assertThatThrownBy(() -> rows(file, "at"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("The column at of")
        .hasMessageContaining("TIMESTAMP(NANOS,false)");
  }

  @Test
  void wholeNumbersOf64BitsWithoutSignAreIds() throws IOException {
    var file =
        parquet(
            "message m { required int64 id (INTEGER(64,false)); required binary input (UTF8); }",
            row -> row.append("id", -1L).append("input", "a"));
    assertThat(rows(file, "id"))
        .extracting(row -> row.getString(InputTable.ID))
        .containsExactly("18446744073709551615");
  }

  @Test
  void aMissingColumnIsToldWithThoseThatAreThere() throws IOException {
    var file =
        parquet(
            "message m { required int64 at (TIMESTAMP(NANOS,false)); required binary text (UTF8);"
                + " }",
            row -> row.append("at", 1L).append("text", "a"));
    assertThatThrownBy(() -> rows(file, "id"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("The input has no column input: there are only")
        .hasMessageContaining("[at, text]");
  }

  @Test
  void conversationsInParquetAreReadAsObjects() throws IOException {
    var file =
        parquet(
            "message m { required binary id (STRING); optional group messages (LIST) { repeated"
                + " group list { required group element { required binary role (STRING);"
                + " required binary content (STRING); } } } }",
            row -> {
              row.append("id", "x");
              var message = row.addGroup("messages").addGroup("list").addGroup("element");
              message.append("role", "user").append("content", "Why?");
            });
    List<Row> rows = rows(file, "id");
    assertThat(rows).hasSize(1);
    assertThat(rows.get(0).getBoolean(InputTable.OBJECT)).isTrue();
    var fields = new InputFields("input", "id", "instruction", "messages");
    InputRow row = fields.ofLine(rows.get(0).getString(InputTable.TEXT));
    assertThat(row.id()).isEqualTo("x");
    assertThat(row.messages()).containsExactly(new ChatMessage("user", "Why?"));
  }

  @Test
  void namesLeadIntoFieldsOfColumns() throws IOException {
    var file =
        parquet(
            "message m { required group data { required binary question (STRING); required int32"
                + " n; } required binary data.todo (STRING); }",
            row -> {
              row.addGroup("data").append("question", "a").append("n", 7);
              row.append("data.todo", "B");
            });
    var files = InputFiles.find(new Configuration(), file.toString(), null);
    var fields = new InputFields("data.question", "data.n", "data.todo", "data.messages");
    assertThat(new InputTable(TestSpark.session(), files, fields).rows().collectAsList())
        .extracting(
            row -> row.getString(InputTable.TEXT),
            row -> row.getString(InputTable.ID),
            row -> row.getString(InputTable.INSTRUCTION))
        .containsExactly(org.assertj.core.groups.Tuple.tuple("a", "7", "B"));
  }

  @Test
  void whatIsNoParquetIsNamed() throws IOException {
    var file = Files.writeString(folder.resolve("a.parquet"), "input\na\n");
    assertThatThrownBy(() -> rows(file, "id"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("a.parquet cannot be read as Parquet");
  }

  @Test
  void aFileIsFoundUnderItsNameThoughThatCouldBeAPattern() throws IOException {
    Files.writeString(folder.resolve("a1.csv"), "input\nwrong\n");
    var file = Files.writeString(folder.resolve("a[1].csv"), "id,input\nx,right\n");
    assertThat(rows(file, "id"))
        .extracting(row -> row.getString(InputTable.TEXT))
        .containsExactly("right");
    assertThat(
            InputFiles.find(new Configuration(), folder.resolve("a?.csv").toString(), null).files())
        .hasSize(1);
  }

  @Test
  void theFirstLineOfACsvFileNamesItsColumns() throws IOException {
    var home = Files.createDirectories(folder.resolve("00:00"));
    var file =
        Files.writeString(
            home.resolve("a.csv"),
            "\ufeffid,\"in\"\"put\",,input\n7,x,y,\"two\nlines, \"\"quoted\"\"\"\n");
    assertThat(rows(file, "id"))
        .extracting(row -> row.getString(InputTable.ID), row -> row.getString(InputTable.TEXT))
        .containsExactly(org.assertj.core.groups.Tuple.tuple("7", "two\nlines, \"quoted\""));
    Files.writeString(file, "id,,text,Text\n7,,,a\n");
    assertThatThrownBy(() -> rows(file, "id"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("there are only [id, _c1, text2, Text3]");
  }

  @Test
  void columnsOfCsvFilesAreFoundByTheirNames() throws IOException {
    var home = Files.createDirectories(folder.resolve("in"));
    Files.writeString(home.resolve("a.csv"), "input,id\nx,1\n");
    Files.writeString(home.resolve("b.csv"), "id,input\n2,y\n");
    Files.writeString(home.resolve("c.csv"), ",input\n0,z\n");
    assertThat(rows(home, "id"))
        .extracting(row -> row.getString(InputTable.TEXT), row -> row.getString(InputTable.ID))
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple("x", "1"),
            org.assertj.core.groups.Tuple.tuple("y", "2"),
            org.assertj.core.groups.Tuple.tuple("z", null));
    Files.writeString(home.resolve("c.csv"), "id,text\n0,z\n");
    assertThatThrownBy(() -> rows(home, "id"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("there are only [id, text]");
  }

  @Test
  void rowsOfCsvWithMoreOrFewerValuesThanNamesAreBroken() throws IOException {
    var file =
        Files.writeString(
            folder.resolve("a.csv"), "id,input\n1,one\n2,red, green\n3\n4,\n5,\"a, b\"\n");
    assertThat(rows(file, "id"))
        .extracting(row -> row.getString(InputTable.TEXT), row -> row.getString(InputTable.BROKEN))
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("one", null),
            org.assertj.core.groups.Tuple.tuple("red", "2,red, green"),
            org.assertj.core.groups.Tuple.tuple(null, "3"),
            org.assertj.core.groups.Tuple.tuple(null, null),
            org.assertj.core.groups.Tuple.tuple("a, b", null));
  }

  private List<Row> rows(Path file, String id) {
    var files = InputFiles.find(new Configuration(), file.toString(), null);
    return new InputTable(
            TestSpark.session(), files, new InputFields("input", id, "instruction", "messages"))
        .rows()
        .collectAsList();
  }

  private Path parquet(String schema, Consumer<Group> fill) throws IOException {
    var file = folder.resolve("some.parquet");
    MessageType type = MessageTypeParser.parseMessageType(schema);
    try (var writer =
        ExampleParquetWriter.builder(new org.apache.hadoop.fs.Path(file.toUri()))
            .withType(type)
            .build()) {
      var row = new SimpleGroupFactory(type).newGroup();
      fill.accept(row);
      writer.write(row);
    }
    return file;
  }
}
