package org.dapt.tokenizer;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.dapt.error.InputException;
import org.dapt.error.Shown;

/**
 * The ids that a {@code tokenizer.json} gives to its tokens, against the rows of an embedding.
 *
 * <p>Special tokens may lie beyond it: they come up only where a text writes them out, and many
 * published folders have one for padding there.
 */
final class TokenizerVocabulary {
  private TokenizerVocabulary() {}

  /**
   * Checks every token of the vocabulary and every added one that is not special.
   *
   * @param json the file, which is sound JSON
   * @param rows of the embedding
   * @throws InputException if an id has no row
   */
  static void check(String json, String file, int rows) throws IOException {
    Set<Long> special = new HashSet<>();
    try (JsonParser parser = TokenizerJson.JSON.createParser(json)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.getCurrentName();
        JsonToken value = parser.nextToken();
        if (field.equals("added_tokens") && value == JsonToken.START_ARRAY) {
          special.addAll(added(parser, file, rows));
        } else if (field.equals("model") && value == JsonToken.START_OBJECT) {
          model(parser, file, rows, special);
        } else {
          parser.skipChildren();
        }
      }
    }
  }

  /** The failure for an id without a row. */
  static InputException beyond(String token, long id, String file, int rows) {
    return new InputException(
        "The tokenizer %s gives the token '%s' the id %d, but the model's embedding has %d rows (vocab_size), for ids from 0 to %d. Take the tokenizer.json that belongs to the weights."
            .formatted(file, Shown.of(token), id, rows, rows - 1));
  }

  /** The ids of those that are special, which stand in front of the vocabulary in the file. */
  private static Set<Long> added(JsonParser parser, String file, int rows) throws IOException {
    Set<Long> specials = new HashSet<>();
    while (parser.nextToken() == JsonToken.START_OBJECT) {
      long id = -1;
      String content = "";
      boolean special = false;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.getCurrentName();
        JsonToken value = parser.nextToken();
        switch (field) {
          case "id" -> id = value == JsonToken.VALUE_NUMBER_INT ? parser.getLongValue() : -1;
          case "content" -> content = parser.getText();
          case "special" -> special = value == JsonToken.VALUE_TRUE;
          default -> parser.skipChildren();
        }
      }
      if (special) {
        specials.add(id);
      } else if (id >= rows) {
        throw beyond(content, id, file, rows);
      }
    }
    return specials;
  }

  private static void model(JsonParser parser, String file, int rows, Set<Long> special)
      throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      boolean vocabulary = parser.getCurrentName().equals("vocab");
      JsonToken value = parser.nextToken();
      if (vocabulary && value == JsonToken.START_OBJECT) {
        byName(parser, file, rows, special);
      } else if (vocabulary && value == JsonToken.START_ARRAY) {
        inOrder(parser, file, rows, special);
      } else {
        parser.skipChildren();
      }
    }
  }

  /** {@code {token: id}}, of BPE, WordPiece and WordLevel. */
  private static void byName(JsonParser parser, String file, int rows, Set<Long> special)
      throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String token = parser.getCurrentName();
      if (parser.nextToken() == JsonToken.VALUE_NUMBER_INT
          && parser.getLongValue() >= rows
          && !special.contains(parser.getLongValue())) {
        throw beyond(token, parser.getLongValue(), file, rows);
      }
      parser.skipChildren();
    }
  }

  /** {@code [[token, score]]} by id, of Unigram. */
  private static void inOrder(JsonParser parser, String file, int rows, Set<Long> special)
      throws IOException {
    for (long id = 0; parser.nextToken() != JsonToken.END_ARRAY; id++) {
      String token = "";
      if (parser.currentToken() == JsonToken.START_ARRAY
          && parser.nextToken() != JsonToken.END_ARRAY) {
        token = parser.getText();
        parser.skipChildren();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          parser.skipChildren();
        }
      } else {
        parser.skipChildren();
      }
      if (id >= rows && !special.contains(id)) {
        throw beyond(token, id, file, rows);
      }
    }
  }
}
