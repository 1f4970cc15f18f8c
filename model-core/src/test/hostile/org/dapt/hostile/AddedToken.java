package org.dapt.hostile;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A token that a tokenizer has beside its vocabulary, and for which a model need not have a row.
 */
public final class AddedToken {
  private AddedToken() {}

  /**
   * Adds one.
   *
   * @param tokenizer the content of a {@code tokenizer.json}, which is changed
   * @param special whether it stands for no text
   */
  public static void to(ObjectNode tokenizer, int id, String content, boolean special) {
    ((ArrayNode) tokenizer.get("added_tokens"))
        .addObject()
        .put("id", id)
        .put("content", content)
        .put("single_word", false)
        .put("lstrip", false)
        .put("rstrip", false)
        .put("normalized", false)
        .put("special", special);
  }
}
