package org.dapt.tokenizer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.function.Function;
import org.dapt.error.InputException;
import org.dapt.error.Shown;

/**
 * Checks that a file is JSON to the native library too, which ends the process where it is not:
 * stricter than Java about numbers, nesting and halves of surrogate pairs.
 */
final class TokenizerJson {
  /** Less than the library's 128, some of which its own parsing takes. */
  private static final int DEEPEST = 100;

  static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEEPEST)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private TokenizerJson() {}

  /**
   * What stands for characters that have no token.
   *
   * @param id of the token; null where the file does not say it
   * @param token its text; null where the file does not say it
   */
  record Unknown(Integer id, String token) {
    /**
     * Its id, if there is one.
     *
     * @param encode gives the ids of a text
     */
    OptionalInt find(Function<String, int[]> encode) {
      if (id != null) {
        return OptionalInt.of(id);
      }
      int[] ids = token == null ? new int[0] : encode.apply(token);
      return ids.length == 1 ? OptionalInt.of(ids[0]) : OptionalInt.empty();
    }
  }

  /**
   * Reads all of {@code text}.
   *
   * @return what the model in it says of unknown characters
   * @throws InputException if it is not one JSON object, or one that the library cannot read
   */
  static Unknown check(String text, String file) throws IOException {
    Integer id = null;
    String unknown = null;
    String section = "";
    try (JsonParser parser = JSON.createParser(text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw damaged(file, "it does not start with {", null);
      }
      int depth = 1;
      while (depth > 0) {
        JsonToken token = parser.nextToken();
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        check(token, parser, file);
        if (depth == 1 && token == JsonToken.FIELD_NAME) {
          section = parser.currentName();
        } else if (depth == 2 && section.equals("model")) {
          String field = parser.currentName();
          if (token == JsonToken.VALUE_NUMBER_INT && "unk_id".equals(field)) {
            id = (int) parser.getDoubleValue();
          } else if (token == JsonToken.VALUE_STRING && "unk_token".equals(field)) {
            unknown = parser.getText();
          }
        }
      }
      if (parser.nextToken() != null) {
        throw damaged(file, "it goes on behind the closing }", null);
      }
      return new Unknown(id, unknown);
    } catch (JsonProcessingException e) {
      throw damaged(file, Shown.of(e.getOriginalMessage()), e);
    }
  }

  private static void check(JsonToken token, JsonParser parser, String file) throws IOException {
    boolean sound =
        switch (token) {
          case VALUE_NUMBER_FLOAT -> Double.isFinite(parser.getDoubleValue());
          case VALUE_NUMBER_INT ->
              parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER
                  || Double.isFinite(parser.getDoubleValue());
          case VALUE_STRING, FIELD_NAME ->
              StandardCharsets.UTF_8.newEncoder().canEncode(parser.getText());
          default -> true;
        };
    if (!sound) {
      throw damaged(
          file,
          "line %d has %s, which is no number or text that it can be read as"
              .formatted(parser.currentTokenLocation().getLineNr(), Shown.of(parser.getText())),
          null);
    }
  }

  private static InputException damaged(String file, String found, Exception cause) {
    return new InputException(
        "The tokenizer %s is not valid JSON: %s. Fetch it again, or write it with save_pretrained of a fast tokenizer in Python."
            .formatted(file, found),
        cause);
  }
}
