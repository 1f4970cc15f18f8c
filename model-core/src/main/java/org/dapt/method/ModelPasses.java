package org.dapt.method;

/**
 * How often the examples of a task pass the whole model, going forward alone, beside what every
 * method asks for: there and back each time that an example is learnt from, and once for an answer.
 *
 * @param inputs of each training input while its task is learnt, at once for all steps
 * @param examples of each training example with its answer, likewise
 * @param learning of an input each time that it is learnt from
 * @param answering of an input that is answered
 */
public record ModelPasses(int inputs, int examples, int learning, int answering) {
  /** None. */
  public static final ModelPasses NONE = new ModelPasses(0, 0, 0, 0);
}
