package org.dapt.data.reader;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.dapt.error.InputException;
import org.dapt.error.Shown;

/**
 * Reads a list of {@code {id?, instruction?, input, output}} from the current token on and hands
 * each to a sink.
 */
final class InstanceParser {
  private final JsonParser parser;
  private final String file;
  private final InstanceSink sink;
  private long count;

  InstanceParser(JsonParser parser, String file, InstanceSink sink) {
    this.parser = parser;
    this.file = file;
    this.sink = sink;
  }

  /** How many instances were read. */
  long count() {
    return count;
  }

  /** Reads the list that starts at the current token up to its end. */
  void readList() throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw JsonTaskReader.expected(
          parser, file, "a list of objects {id, input, output} as Instances");
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        throw JsonTaskReader.expected(
            parser, file, "an object {id, input, output} as instance " + count);
      }
      sink.accept(count, readInstance());
      count++;
    }
  }

  private Instance readInstance() throws IOException {
    var start = parser.currentTokenLocation();
    var id = "";
    var instruction = "";
    String input = null;
    List<String> references = null;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      var field = parser.currentName();
      parser.nextToken();
      switch (field) {
        case "id" -> id = readId();
        case "instruction" -> {
          var own = readText("instruction");
          instruction = own == null ? "" : own;
        }
        case "input" -> input = readText("input");
        case "output" -> references = readReferences();
        default -> JsonTaskReader.passOver(parser, field, sink);
      }
    }
    if (input == null || references == null) {
      throw new InputException(
          "%s: line %d, column %d: instance %d (counted from 0)%s has no %s: expected both input and output. Add it or remove the instance."
              .formatted(
                  file,
                  start.getLineNr(),
                  start.getColumnNr(),
                  count,
                  id.isEmpty() ? "" : " with id " + Shown.of(id),
                  input == null ? "input" : "output"));
    }
    return new Instance(id, instruction, input, references);
  }

  private String readId() throws IOException {
    return switch (parser.currentToken()) {
      case VALUE_STRING, VALUE_NUMBER_INT -> WellFormedText.of(parser.getText());
      case VALUE_NULL -> "";
      default -> throw unexpected("a text or a whole number as id");
    };
  }

  private String readText(String field) throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return null;
    }
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw unexpected("a text as " + field);
    }
    return WellFormedText.of(parser.getText());
  }

  private List<String> readReferences() throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      var single = readText("output, or a list of texts");
      return single == null ? null : List.of(single);
    }
    var references = new ArrayList<String>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.VALUE_STRING) {
        throw unexpected("texts in the list output");
      }
      references.add(WellFormedText.of(parser.getText()));
    }
    if (references.isEmpty()) {
      throw unexpected("at least one text in the list output");
    }
    return references;
  }

  private InputException unexpected(String what) {
    return JsonTaskReader.expected(
        parser, file, what + " of instance " + count + " (counted from 0)");
  }
}
