package org.dapt.method.lfpt5;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Source;
import org.dapt.method.BatchTerm;
import org.dapt.method.Example;
import org.dapt.method.Learner;
import org.dapt.method.LearntTask;
import org.dapt.method.ParameterSet;
import org.dapt.pet.PromptBank;
import org.dapt.pet.PromptBlock;
import org.dapt.tensor.Placement;

/** The prompt while it learns a task. */
final class Lfpt5Learner implements Learner {
  private final Backbone backbone;
  private final String task;
  private final double rateFactor;
  private final ParameterSet parameters;
  private final PromptBank bank;

  /** The prompt before the task, frozen; null for a first task. */
  private final PromptBank previous;

  private final List<BatchTerm> terms;

  /**
   * Trains a copy of {@code start}.
   *
   * @param continued whether it answered earlier tasks, so that it is to go on answering them alike
   * @param rateFactor the prompt's learning rate by that of the task
   */
  Lfpt5Learner(
      Backbone backbone,
      Lfpt5Options options,
      String task,
      PromptBlock start,
      boolean continued,
      double rateFactor) {
    this.backbone = backbone;
    this.task = task;
    this.rateFactor = rateFactor;
    parameters = new ParameterSet(start.tensors(), backbone.placement());
    PromptBlock learning = new PromptBlock(parameters.get(PromptBlock.PROMPT));
    bank = new PromptBank(backbone.type(), List.of(), learning);
    previous = continued ? new PromptBank(backbone.type(), List.of(start), null) : null;
    Divergence divergence = new Divergence(backbone, previous);
    terms =
        List.of(
            new BatchTerm(
                "generator",
                options.lambdaGenerator(),
                Lfpt5Learner::generatorTokens,
                this::generatorLoss),
            new BatchTerm(
                "divergence",
                options.factorOfDivergence(),
                options.summed(),
                divergence::count,
                divergence::sum));
  }

  @Override
  public ParameterSet parameters() {
    return parameters;
  }

  @Override
  public int prefixLength() {
    return Math.toIntExact(parameters.get(PromptBlock.PROMPT).size(0));
  }

  @Override
  public Adaptation adapt(Source source, Tensor weights) {
    Placement placement = backbone.placement();
    return bank.mix(placement.ones(placement.learnt(), source.size(), 1));
  }

  @Override
  public List<BatchTerm> batchTerms() {
    return terms;
  }

  @Override
  public double learningRate(String parameter, double ofTask) {
    return rateFactor * ofTask;
  }

  private static List<Example> recollections(List<Example> examples) {
    return examples.stream().map(Example::recollection).filter(Objects::nonNull).toList();
  }

  /** Target tokens that the prompt learns to generate from {@code examples}. */
  private static long generatorTokens(List<Example> examples) {
    return recollections(examples).stream().mapToLong(example -> example.target().length).sum();
  }

  /** The cross-entropy of the texts that hold the batch's examples, new and generated ones. */
  private Tensor generatorLoss(BatchTerm.Forward forward) {
    BatchTerm.Forward generator = forward.others().apply(recollections(forward.examples()));
    return generator.batch().crossEntropy(generator.logits(), backbone.placement());
  }

  @Override
  public LearntTask learnt() {
    return new LearntTask(task, parameters.copies(), Map.of(), List.of());
  }

  @Override
  public void close() {
    bank.close();
    if (previous != null) {
      previous.close();
    }
    parameters.close();
  }
}
