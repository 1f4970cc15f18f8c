package org.dapt.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.dapt.error.TrainingException;
import org.dapt.method.BatchTerm;
import org.dapt.method.Learner;
import org.dapt.method.StepTerm;
import org.dapt.tensor.Tensors;

/** Steps that were taken and whose numbers were not asked for yet. */
final class OpenSteps implements AutoCloseable {
  private final Learner learner;
  private final BatchLoss batchLoss;
  private final List<Open> open = new ArrayList<>();
  private final List<StepReport> reports = new ArrayList<>();

  /**
   * @param counts of the terms of the batch, as {@link BatchLoss#counts} gave them
   */
  private record Open(StepNumbers numbers, double[] counts) {}

  OpenSteps(Learner learner, BatchLoss batchLoss) {
    this.learner = learner;
    this.batchLoss = batchLoss;
  }

  /** Adds a step all of whose numbers are asked for, though perhaps not yet computed. */
  void add(StepNumbers numbers, double[] counts) {
    open.add(new Open(numbers.keep(), counts));
  }

  /**
   * Reads the numbers of all open steps in one copy.
   *
   * @throws TrainingException where a loss is not finite: of the first such step
   */
  void read() {
    if (open.isEmpty()) {
      return;
    }
    double[] all;
    try (PointerScope scope = new PointerScope()) {
      all = Tensors.toDoubles(Tensors.cat(open.stream().map(o -> o.numbers().all()).toList(), 0));
    }
    int at = 0;
    for (Open step : open) {
      int length = Math.toIntExact(step.numbers().all().numel());
      double[] read = Arrays.copyOfRange(all, at, at + length);
      reports.add(report(step.numbers(), read, step.counts()));
      at += length;
    }
    close();
  }

  /** What the steps saw that were taken since the last call, in their order. */
  List<StepReport> reports() {
    read();
    List<StepReport> all = List.copyOf(reports);
    reports.clear();
    return all;
  }

  private StepReport report(StepNumbers numbers, double[] read, double[] counts) {
    numbers.requireFinite(read);
    double crossEntropy = read[0] / numbers.targetTokens();
    double loss = crossEntropy;
    Map<String, Double> terms = batchLoss.means(read, counts);
    for (BatchTerm term : learner.batchTerms()) {
      loss += term.factor() * terms.get(term.name());
    }
    List<StepTerm> ofStep = learner.stepTerms();
    for (int i = 0; i < ofStep.size(); i++) {
      double value = StepNumbers.term(read, i);
      terms.put(ofStep.get(i).name(), value);
      loss += ofStep.get(i).factor() * value;
    }
    if (!Double.isFinite(loss)) {
      throw new TrainingException(
          TrainingException.DIVERGED
              + " in step %d: cross-entropy %s, other terms %s. Lower train.learning-rate, in another run.dir or by tasks.overrides for this task, or set train.max-gradient-norm in another run.dir."
                  .formatted(numbers.step(), crossEntropy, terms));
    }
    return new StepReport(
        numbers.step(), crossEntropy, terms, loss, numbers.targetTokens(), numbers.sourceTokens());
  }

  /** Forgets the open steps. */
  @Override
  public void close() {
    open.forEach(step -> step.numbers().close());
    open.clear();
  }
}
