package org.dapt.predict;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.CharConversionException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.ZipException;
import org.apache.hadoop.conf.Configuration;
import org.dapt.data.reader.DataJson;
import org.dapt.data.reader.TaskFile;
import org.dapt.data.reader.WellFormedText;
import org.dapt.error.InputException;
import org.dapt.error.Shown;

/**
 * Reads the inputs of a task file: as it is prepared for learning, but answers need not be there,
 * and an instance that is not usable is one row that is not, not the end. One instance is in memory
 * at a time.
 */
final class TaskFileInputs {
  private static final JsonFactory FACTORY = DataJson.factory();

  private final Configuration hadoop;
  private final TaskFile file;
  private final InputFields fields;

  TaskFileInputs(Configuration hadoop, String uri, InputFields fields) {
    this.hadoop = hadoop;
    this.file = new TaskFile(uri);
    this.fields = fields;
  }

  /** Takes rows. */
  interface Sink {
    /** Takes the next one. */
    void accept(InputRow row) throws IOException;
  }

  /**
   * Hands every instance to {@code sink}.
   *
   * @throws InputException where the file is missing or not what it should be
   */
  void read(Sink sink) throws IOException {
    // It may come behind the instances.
    String definition = pass(null, row -> {});
    pass(definition, sink);
  }

  /**
   * Goes through the file.
   *
   * @param definition for every instance; null to find it, which ends the pass
   */
  private String pass(String definition, Sink sink) throws IOException {
    try (InputStream content = file.open(hadoop);
        JsonParser parser = FACTORY.createParser(content)) {
      JsonToken first = parser.nextToken();
      if (first == JsonToken.START_ARRAY) {
        if (definition != null) {
          instances(parser, definition, sink);
        }
        return "";
      }
      if (first != JsonToken.START_OBJECT) {
        throw wrong(parser, "it holds neither an object nor a list");
      }
      boolean some = false;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        parser.nextToken();
        if (definition == null && field.equals("Definition")) {
          return definition(parser);
        } else if (definition != null && field.equals("Instances")) {
          some = true;
          instances(parser, definition, sink);
        } else {
          parser.skipChildren();
        }
      }
      if (definition != null && !some) {
        throw wrong(parser, "it has no list Instances");
      }
      return "";
    } catch (JsonProcessingException e) {
      throw new InputException(
          "%s is not well-formed JSON: %s. Correct the file; one JSON object a line is read with --input-format jsonl."
              .formatted(file.uri(), Shown.of(e.getMessage())),
          e);
    } catch (EOFException | ZipException e) {
      throw file.damaged(e);
    } catch (CharConversionException e) {
      throw new InputException(
          "%s is not text in UTF-8, as JSON has to be. Convert the file.".formatted(file.uri()), e);
    }
  }

  private void instances(JsonParser parser, String definition, Sink sink) throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw wrong(parser, "Instances is not a list");
    }
    while (InputFields.begins(parser.nextToken())) {
      InputRow row = fields.next(parser);
      boolean own = row.problem() != null || row.instruction() != null || definition.isEmpty();
      sink.accept(
          own ? row : new InputRow(row.id(), definition, row.input(), row.messages(), null));
    }
  }

  private String definition(JsonParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.START_ARRAY) {
      token = parser.nextToken();
    }
    if (token == JsonToken.VALUE_STRING) {
      return WellFormedText.of(parser.getText());
    }
    if (token == JsonToken.VALUE_NULL || token == JsonToken.END_ARRAY) {
      return "";
    }
    throw wrong(parser, "Definition is neither a text nor a list of texts");
  }

  private InputException wrong(JsonParser parser, String found) {
    return new InputException(
        "%s: line %d: %s; expected {\"Definition\": [...], \"Instances\": [{\"input\": ...}]}. Correct the file, or say by --input-format what it is."
            .formatted(file.uri(), parser.currentLocation().getLineNr(), found));
  }
}
