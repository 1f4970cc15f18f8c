package org.dapt.data.reader;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.zip.ZipException;
import org.apache.hadoop.conf.Configuration;
import org.dapt.error.InputException;
import org.dapt.error.Shown;

/** The kind of work that a task file says it is of, as Super-NaturalInstructions states it. */
public final class TaskCategory {
  /** The field of the file: a text, or a list of texts of which the first counts. */
  private static final String FIELD = "Categories";

  private TaskCategory() {}

  /**
   * The category that {@code file} states without outer white space; empty where it states none, or
   * what it states is no text.
   *
   * @throws InputException if the file is missing, damaged or not well-formed up to that field
   */
  public static Optional<String> of(Configuration hadoop, TaskFile file) throws IOException {
    try (InputStream content = file.open(hadoop);
        JsonParser parser = DataJson.factory().createParser(content)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return Optional.empty();
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        boolean wanted = parser.currentName().equals(FIELD);
        JsonToken value = parser.nextToken();
        if (wanted) {
          JsonToken first = value == JsonToken.START_ARRAY ? parser.nextToken() : value;
          return first == JsonToken.VALUE_STRING
              ? Optional.of(WellFormedText.of(parser.getText()).strip())
                  .filter(text -> !text.isEmpty())
              : Optional.empty();
        }
        parser.skipChildren();
      }
      return Optional.empty();
    } catch (JsonProcessingException e) {
      throw new InputException(
          "%s is not well-formed JSON: %s. Correct the file or fetch it again."
              .formatted(file.uri(), Shown.of(e.getOriginalMessage())),
          e);
    } catch (EOFException | ZipException e) {
      throw file.damaged(e);
    }
  }
}
