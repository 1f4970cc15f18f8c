package org.dapt.evaluate;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.spark.api.java.JavaSparkContext;
import org.dapt.job.JobContext;
import org.dapt.job.Outcome;
import org.dapt.spark.CoreTasks;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The evaluations of a run. They do not hold up training: where the cluster has slots beside those
 * of the ranks, the evaluation after a task runs there, in a scheduling pool of its own, while the
 * next task is learnt. Closing waits for those that were begun: what they found is kept even where
 * training fails.
 */
public final class StepEvaluations implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StepEvaluations.class);
  private static final String POOL = "evaluation";

  /** An evaluation that was begun. */
  private record Begun(int step, Future<Outcome> future) {}

  private final JavaSparkContext spark;
  private final EvaluateJob job;
  private final ExecutorService thread;
  private final Deque<Begun> begun = new ArrayDeque<>();
  private final Map<Integer, Outcome> ended = new HashMap<>();

  private StepEvaluations(JavaSparkContext spark, EvaluateJob job, ExecutorService thread) {
    this.spark = spark;
    this.job = job;
    this.thread = thread;
  }

  /** Evaluations on the whole cluster, beside which nothing is learnt. */
  public static StepEvaluations alone(JobContext context) {
    return new StepEvaluations(context.sparkContext(), new EvaluateJob(context), null);
  }

  /** Evaluations in the slots that the ranks of {@code context} leave. */
  public static StepEvaluations of(JobContext context) {
    if (!context.config().evaluate().overlap()) {
      return alone(context);
    }
    CoreTasks cores =
        CoreTasks.withModel(context.sparkContext(), context.config().model().device());
    int slots = cores.slots();
    int ranks = context.gang().ranks();
    if (slots <= ranks) {
      LOG.info(
          "Evaluation and training take turns: training has {} of {} slots. They overlap where"
              + " train.ranks is below the number of slots.",
          ranks,
          slots);
      return alone(context);
    }
    return new StepEvaluations(
        context.sparkContext(),
        // No more than these: all ranks of a gang need their slots at the same time.
        new EvaluateJob(context, cores, slots - ranks),
        Executors.newSingleThreadExecutor(
            body -> {
              Thread thread = new Thread(body, POOL);
              thread.setDaemon(true);
              return thread;
            }));
  }

  /**
   * Evaluates after learning the last of {@code tasks}, now or beside what comes next.
   *
   * @throws org.dapt.error.DaptException where an evaluation that was begun before has failed
   */
  public void evaluate(List<String> tasks) throws IOException {
    if (thread == null) {
      ended.put(tasks.size(), job.run(tasks));
      return;
    }
    throwFailures(false);
    List<String> learnt = List.copyOf(tasks);
    begun.add(
        new Begun(
            learnt.size(),
            thread.submit(
                () -> {
                  spark.setLocalProperty("spark.scheduler.pool", POOL);
                  spark.setJobGroup(POOL, "evaluation after step " + learnt.size(), false);
                  return job.run(learnt);
                })));
  }

  /**
   * Waits for all evaluations.
   *
   * @throws org.dapt.error.DaptException where one has failed
   */
  public void await() throws IOException {
    throwFailures(true);
  }

  /** What came of the evaluation after {@code step} tasks, which was waited for. */
  public Outcome outcome(int step) {
    return ended.get(step);
  }

  private void throwFailures(boolean wait) throws IOException {
    while (!begun.isEmpty() && (wait || begun.peek().future().isDone())) {
      Begun first = begun.remove();
      try {
        ended.put(first.step(), first.future().get());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("Interrupted while waiting for an evaluation", e);
      } catch (ExecutionException e) {
        LOG.error("The evaluation after step {} failed; what was learnt is kept", first.step());
        rethrow(e.getCause());
      }
    }
  }

  private static void rethrow(Throwable cause) throws IOException {
    if (cause instanceof RuntimeException runtime) {
      throw runtime;
    }
    if (cause instanceof Error error) {
      throw error;
    }
    throw cause instanceof IOException io ? io : new IOException(cause);
  }

  @Override
  public void close() throws IOException {
    try {
      await();
    } finally {
      if (thread != null) {
        thread.shutdownNow();
      }
    }
  }
}
