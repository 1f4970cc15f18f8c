package org.dapt.predict;

import java.util.Map;

/**
 * One row of the result.
 *
 * @param index place of the row among all inputs, from 0
 * @param id its name, or the index where it has none
 * @param input the text, without template and instruction; null where {@code error} says why
 * @param prediction the answer; null where {@code error} says why
 * @param chosenTask the task whose block has the largest weight; null where nothing is chosen
 * @param weights the weight of each task's block by task, in the order of learning; null for
 *     methods that do not choose
 * @param sourceTokens tokens that the model was given
 * @param cut whether the input was too long
 * @param generatedTokens tokens of the answer
 * @param error why there is no answer; null where there is one
 */
record Prediction(
    long index,
    String id,
    String input,
    String prediction,
    String chosenTask,
    Map<String, Double> weights,
    int sourceTokens,
    boolean cut,
    int generatedTokens,
    String error) {
  /** One without an answer. */
  static Prediction failed(long index, String id, String input, String error) {
    return new Prediction(index, id, input, null, null, null, 0, false, 0, error);
  }
}
