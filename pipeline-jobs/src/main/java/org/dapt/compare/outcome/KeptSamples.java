package org.dapt.compare.outcome;

import java.util.List;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;
import org.dapt.config.DaptConfig;
import org.dapt.config.ReflectionSource;
import org.dapt.config.key.Choices;
import org.dapt.error.InputException;
import org.dapt.job.JobContext;
import org.dapt.method.ContinualMethod;
import org.dapt.method.ContinualMethods;
import org.dapt.method.Rehearsal;
import org.dapt.method.Trait;
import org.dapt.run.Marker;
import org.dapt.run.PreparedSummary;
import org.dapt.run.RunDirectory;
import org.dapt.run.TrainingSummary;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a run keeps of the examples of earlier tasks.
 *
 * @param kind none, real (examples with answers), inputs (real ones without), given, generated, or
 *     all: those of every task until the last one
 * @param perTask how many of a task, the mean over the tasks; empty where the prepared data that
 *     would tell it are there no more
 * @param seconds that making up the samples of all tasks took, with the training of generators;
 *     empty where none are made up, or runs of before did not record it
 */
record KeptSamples(String kind, OptionalDouble perTask, OptionalDouble seconds) {
  private static final KeptSamples NONE = new KeptSamples("none", OptionalDouble.of(0));
  private static final Logger LOG = LoggerFactory.getLogger(KeptSamples.class);
  private static final String MADE = "kept";

  /** Of samples that are not made up. */
  KeptSamples(String kind, OptionalDouble perTask) {
    this(kind, perTask, OptionalDouble.empty());
  }

  /** Those of {@code run}, which is done. */
  static KeptSamples of(DaptConfig config, RunDirectory run) {
    ContinualMethod method = ContinualMethods.named(config.method().name());
    List<String> tasks = run.learnt();
    if (method.has(Trait.AT_ONCE)) {
      return method.has(Trait.LEARNS_NOTHING)
          ? NONE
          : new KeptSamples("all", mean(run, tasks, examples -> examples));
    }
    Rehearsal rehearsal = method.rehearsal(JobContext.methodOptions(config));
    boolean anew = method.recollection(JobContext.methodOptions(config)) != null;
    if (rehearsal != null && !anew) {
      return new KeptSamples("real", mean(run, tasks, rehearsal::kept));
    }
    ReflectionSource source = config.reflection().source();
    boolean reflects = method.has(Trait.REFLECTS) && source != ReflectionSource.NONE;
    if (!anew && !reflects) {
      return NONE;
    }
    List<Marker> made = made(run, tasks);
    if (anew || (source == ReflectionSource.GENERATED && !made.isEmpty())) {
      // Where those of all tasks so far are made anew each time, the newest are all there are.
      List<Marker> kept = anew ? made.subList(Math.max(0, made.size() - 1), made.size()) : made;
      double all = kept.stream().mapToLong(marker -> marker.number(MADE).longValue()).sum();
      return new KeptSamples("generated", OptionalDouble.of(all / tasks.size()), seconds(made));
    }
    return new KeptSamples(
        source == ReflectionSource.TRAIN ? "inputs" : Choices.text(source),
        mean(run, tasks, config.reflection()::samples));
  }

  private static OptionalDouble seconds(List<Marker> made) {
    return !made.isEmpty()
            && made.stream()
                .allMatch(marker -> marker.summary().containsKey(TrainingSummary.SECONDS))
        ? OptionalDouble.of(
            made.stream()
                .mapToDouble(marker -> marker.number(TrainingSummary.SECONDS).doubleValue())
                .sum())
        : OptionalDouble.empty();
  }

  private static List<Marker> made(RunDirectory run, List<String> tasks) {
    return IntStream.rangeClosed(1, tasks.size())
        .mapToObj(number -> new Path(run.pseudo(number, tasks.get(number - 1)).toString()))
        .map(run::marker)
        .filter(marker -> marker.isDone() && marker.summary().containsKey(MADE))
        .toList();
  }

  private interface Kept extends ToDoubleFunction<Long> {}

  private static OptionalDouble mean(RunDirectory run, List<String> tasks, Kept kept) {
    double sum = 0;
    for (String task : tasks) {
      Marker prepared = run.marker(run.data(task));
      try {
        if (!prepared.isDone()) {
          return OptionalDouble.empty();
        }
        sum += kept.applyAsDouble(PreparedSummary.of(prepared).trainExamples());
      } catch (InputException e) {
        LOG.warn("How many samples are kept of {} cannot be told: {}", task, e.getMessage());
        return OptionalDouble.empty();
      }
    }
    return OptionalDouble.of(sum / tasks.size());
  }
}
