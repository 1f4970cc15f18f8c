package org.dapt.convert;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * What distinguishes one kind of tokenizer in tokenizer.json.
 *
 * @param vocabulary the text of every token in the model, by id
 * @param merges pairs of texts in the order in which they are merged
 * @param preTokenizer cuts a text
 * @param decoder puts it together
 * @param model further fields of the model
 */
record TokenizerParts(
    List<String> vocabulary,
    List<Merge> merges,
    ObjectNode preTokenizer,
    ObjectNode decoder,
    ObjectNode model) {
  /**
   * Two tokens that become one.
   *
   * @param left the first
   * @param right the second
   */
  record Merge(String left, String right) {}
}
