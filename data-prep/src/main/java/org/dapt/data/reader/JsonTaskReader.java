package org.dapt.data.reader;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Set;
import org.dapt.error.InputException;
import org.dapt.error.Shown;

/**
 * JSON files with the fields {@code Definition} (a text or a list of texts, of which the first
 * counts) and {@code Instances} (a list of objects), in any order; other fields are passed over.
 */
abstract class JsonTaskReader implements TaskReader {
  private static final JsonFactory JSON = DataJson.factory();

  /** Fields of the root that say what is to be done or with what, however they are spelt. */
  private static final Set<String> MEANT = Set.of("definition", "instances", "instruction");

  /** Whether a file must have a definition. */
  enum DefinitionRule {
    REQUIRED,
    OPTIONAL
  }

  private final DefinitionRule definitionRule;

  JsonTaskReader(DefinitionRule definitionRule) {
    this.definitionRule = definitionRule;
  }

  @Override
  public final String read(InputStream content, String file, InstanceSink sink) throws IOException {
    try (var parser = JSON.createParser(content)) {
      var instances = new InstanceParser(parser, file, sink);
      var definition = readRoot(parser, file, instances, sink);
      if (parser.nextToken() != null) {
        throw expected(parser, file, "the end of the file");
      }
      if (definition.isBlank() && definitionRule == DefinitionRule.REQUIRED) {
        throw new InputException(
            "%s has no Definition: the %s format needs one (a text or a list with a text); add it, or set tasks.format."
                .formatted(file, name()));
      }
      if (instances.count() == 0) {
        throw new InputException(
            "%s has no instances: expected the field Instances with a list of at least one {input, output}."
                .formatted(file));
      }
      return definition;
    } catch (JsonProcessingException e) {
      var at = e.getLocation();
      throw new InputException(
          "%s is not well-formed JSON: line %d, column %d: %s. Correct the file or fetch it again."
              .formatted(
                  file,
                  at == null ? 0 : at.getLineNr(),
                  at == null ? 0 : at.getColumnNr(),
                  Shown.of(e.getOriginalMessage())),
          e);
    } catch (CharConversionException e) {
      throw new InputException(
          "%s is not text in UTF-8, as JSON has to be. Convert the file or fetch it again."
              .formatted(file),
          e);
    }
  }

  private String readRoot(
      JsonParser parser, String file, InstanceParser instances, InstanceSink sink)
      throws IOException {
    var first = parser.nextToken();
    if (first == JsonToken.START_ARRAY && definitionRule == DefinitionRule.OPTIONAL) {
      instances.readList();
      return "";
    }
    if (first != JsonToken.START_OBJECT) {
      throw expected(parser, file, "an object with the fields Definition and Instances");
    }
    var definition = "";
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      var field = parser.currentName();
      parser.nextToken();
      switch (field) {
        case "Definition" -> definition = readDefinition(parser, file);
        case "Instances" -> instances.readList();
        default -> {
          if (MEANT.contains(field.toLowerCase(Locale.ROOT))) {
            sink.passedOver(field);
          }
          parser.skipChildren();
        }
      }
    }
    return definition;
  }

  /** Skips the value at the current token, and tells {@code sink} if it has text in it. */
  static void passOver(JsonParser parser, String field, InstanceSink sink) throws IOException {
    switch (parser.currentToken()) {
      case VALUE_STRING -> {
        if (!parser.getText().isBlank()) {
          sink.passedOver(field);
        }
      }
      case START_ARRAY, START_OBJECT -> {
        var depth = 1;
        var some = false;
        while (depth > 0) {
          var token = parser.nextToken();
          if (token == null) {
            return;
          }
          depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
          some |= token == JsonToken.VALUE_STRING;
        }
        if (some) {
          sink.passedOver(field);
        }
      }
      default -> {}
    }
  }

  private static String readDefinition(JsonParser parser, String file) throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return "";
    }
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      return WellFormedText.of(parser.getText());
    }
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw expected(parser, file, "a text or a list of texts as Definition");
    }
    String first = null;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.VALUE_STRING) {
        throw expected(parser, file, "texts in the list Definition");
      }
      first = first == null ? WellFormedText.of(parser.getText()) : first;
    }
    return first == null ? "" : first;
  }

  static InputException expected(JsonParser parser, String file, String what) {
    var found = parser.currentToken();
    var at = found == null ? parser.currentLocation() : parser.currentTokenLocation();
    return new InputException(
        "%s: line %d, column %d: found %s, expected %s. Correct the file."
            .formatted(
                file,
                at.getLineNr(),
                at.getColumnNr(),
                found == null ? "the end" : describe(parser, found),
                what));
  }

  private static String describe(JsonParser parser, JsonToken token) {
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "a list";
      case VALUE_STRING -> "a text";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(parser);
      case VALUE_TRUE, VALUE_FALSE -> "a truth value";
      case VALUE_NULL -> "null";
      default -> token.toString();
    };
  }

  private static String number(JsonParser parser) {
    try {
      return parser.isNaN() ? "the number " + parser.getText() : "a number";
    } catch (IOException e) {
      // Only the message loses by it.
      return "a number";
    }
  }
}
