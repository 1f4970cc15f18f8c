package org.dapt.answer;

import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.bytedeco.javacpp.PointerScope;
import org.dapt.backbone.Backbone;
import org.dapt.decode.Decoded;
import org.dapt.decode.GreedyDecoder;
import org.dapt.method.ContinualMethod;
import org.dapt.method.ContinualMethods;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.Predictor;
import org.dapt.method.Trait;
import org.dapt.models.Models;
import org.dapt.run.TaskArtifacts;
import org.dapt.tokenizer.TextTokenizer;

/**
 * The model after some tasks, ready to answer. To be opened, used and closed by one thread: what it
 * holds outside the heap belongs to a scope of that thread.
 */
public final class Answerer implements AutoCloseable {
  private final Backbone backbone;
  private final TextTokenizer tokenizer;
  private final ContinualMethod method;
  private final MethodContext context;
  private final GreedyDecoder decoder;
  private final boolean cleanUpSpaces;
  private final PointerScope scope;
  private final List<LearntTask> learnt = new ArrayList<>();

  /**
   * For inputs of {@code predictorTask} or, where the method takes no notice of tasks, of any; null
   * before the first question.
   */
  private Predictor predictor;

  private String predictorTask;

  private Answerer(AnswerPlan plan, Configuration hadoop) {
    backbone = Models.backbone(plan.model(), hadoop);
    tokenizer = Models.tokenizer(plan.model(), hadoop);
    method = ContinualMethods.named(plan.method());
    context = new MethodContext(backbone, plan.methodOptions(), plan.seed());
    decoder = new GreedyDecoder(backbone, plan.maxNewTokens(), plan.batchTokens());
    cleanUpSpaces = plan.cleanUpSpaces();
    scope = new PointerScope();
  }

  /**
   * Loads the model, which this process keeps, and what was learnt.
   *
   * @throws org.dapt.error.InputException where either is missing or damaged
   */
  public static Answerer open(AnswerPlan plan) {
    Configuration hadoop = plan.hadoop().value();
    Answerer answerer = new Answerer(plan, hadoop);
    try {
      answerer.learnt.addAll(
          TaskArtifacts.readAnswering(
              hadoop, plan.learnt(), answerer.backbone.placement(), answerer.method));
      return answerer;
    } catch (RuntimeException e) {
      answerer.close();
      throw e;
    }
  }

  /** The tokenizer of the model. */
  public TextTokenizer tokenizer() {
    return tokenizer;
  }

  /**
   * The answers to {@code sources}, in their order.
   *
   * @param sources token ids of each input, none empty
   * @param task the learnt task that the inputs are of, for methods that need to know it; others
   *     take no notice of it
   */
  public List<Answer> answer(List<int[]> sources, String task) {
    List<Answer> answers = new ArrayList<>();
    for (Decoded decoded : decoder.decode(sources, predictor(task))) {
      answers.add(
          new Answer(
              tokenizer.decode(decoded.tokens(), cleanUpSpaces),
              decoded.tokens().length,
              decoded.attentionWeights()));
    }
    return answers;
  }

  private Predictor predictor(String task) {
    boolean others = method.has(Trait.NEEDS_TASK) && !task.equals(predictorTask);
    if (predictor == null || others) {
      closePredictor();
      predictor = method.restore(context, learnt, task);
      predictorTask = task;
    }
    return predictor;
  }

  private void closePredictor() {
    if (predictor != null) {
      predictor.close();
      predictor = null;
    }
  }

  @Override
  public void close() {
    closePredictor();
    scope.close();
  }
}
