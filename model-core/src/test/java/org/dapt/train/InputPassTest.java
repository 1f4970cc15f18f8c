package org.dapt.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.dapt.exchange.AloneExchange;
import org.dapt.exchange.GradientExchange;
import org.dapt.exchange.ThreadGang;
import org.dapt.method.Example;
import org.dapt.method.InputPass;
import org.dapt.method.Learner;
import org.dapt.method.MethodContext;
import org.dapt.method.TinyStream;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.NamedTensors;
import org.junit.jupiter.api.Test;

/** What a method has to know of all examples is made by all ranks together. */
class InputPassTest {
  private static final int SHARDS = 3;
  private static final int RANKS = 2;

  @Test
  void ranksPassOverTheirShardsAtTheSameTimeAndFindWhatOneRankFinds() throws Exception {
    CyclicBarrier allAtWork = new CyclicBarrier(RANKS);
    byte[] alone = learn(new AloneExchange(), null);
    for (Future<byte[]> rank :
        new ThreadGang("local", RANKS, Duration.ofSeconds(60))
            .start(exchange -> learn(exchange, allAtWork))) {
      assertThat(rank.get()).isEqualTo(alone);
    }
  }

  /** The second rank sees other sums here, where a processor of another kind rounds otherwise. */
  @Test
  void allRanksTakeWhatTheFirstOneDecided() throws Exception {
    byte[] first = design(new AloneExchange());
    assertThat(design(new Disturbed(new AloneExchange(), 0))).isNotEqualTo(first);
    for (Future<byte[]> rank :
        new ThreadGang("local", RANKS, Duration.ofSeconds(60))
            .start(exchange -> design(new Disturbed(exchange, 1)))) {
      assertThat(rank.get()).isEqualTo(first);
    }
  }

  /** The block of inf-lora before the first step. */
  private static byte[] design(GradientExchange exchange) throws Exception {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = new TinyStream("inf-lora", "t5-v10-tiny", ComputeType.FLOAT32);
        Learner learner = stream.method.begin(stream.context, List.of(), "task", List.of())) {
      new TaskTraining(stream.backbone, learner, exchange, new Shards(stream, null))
          .run(new TrainerOptions(1e-3, 60, 0), 0, null, Checkpointer.NONE, step -> {});
      return NamedTensors.write(learner.learnt().block(), Map.of());
    }
  }

  /** Sums that are no sums of a whole pass are left alone. */
  private record Disturbed(GradientExchange exchange, int where) implements GradientExchange {
    private static final int SMALLEST = 1000;

    @Override
    public String name() {
      return exchange.name();
    }

    @Override
    public int rank() {
      return exchange.rank();
    }

    @Override
    public int ranks() {
      return exchange.ranks();
    }

    @Override
    public void sum(Tensor flat) {
      exchange.sum(flat);
      if (rank() == where && flat.numel() > SMALLEST) {
        flat.narrow(0, 0, 40).mul_(new Scalar(50));
      }
    }

    @Override
    public void close() {
      exchange.close();
    }
  }

  /** What is kept beside the block after three passes and no step. */
  private static byte[] learn(GradientExchange exchange, CyclicBarrier allAtWork) throws Exception {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = new TinyStream("epi", "t5-v10-tiny", ComputeType.FLOAT32);
        Learner learner = stream.method.begin(context(stream), List.of(), "task", List.of())) {
      new TaskTraining(stream.backbone, learner, exchange, new Shards(stream, allAtWork))
          .run(new TrainerOptions(1e-3, 60, 0), 0, null, Checkpointer.NONE, step -> {});
      return NamedTensors.write(learner.learnt().attention(), Map.of());
    }
  }

  /** With several classes of answers, which take a pass of their own. */
  private static MethodContext context(TinyStream stream) {
    return new MethodContext(
        stream.backbone, TinyStream.options(1).with("method.options.classes", 3), 1);
  }

  /**
   * Unequal shards without batches.
   *
   * @param allAtWork where ranks meet when each has one to pass over; null for one rank
   */
  private record Shards(TinyStream stream, CyclicBarrier allAtWork) implements TaskData {
    @Override
    public int shards() {
      return SHARDS;
    }

    @Override
    public Batches batches(long taken) throws IOException {
      return new ChangingBatches(stream).batches(taken);
    }

    @Override
    public List<Example> examples(InputPass.Over over, int shard, int most) throws IOException {
      if (allAtWork != null && shard < RANKS) {
        try {
          allAtWork.await(20, TimeUnit.SECONDS);
        } catch (Exception e) {
          throw new IOException("The ranks work one after the other", e);
        }
      }
      return stream.examples(30 + shard, 2 + 3 * shard);
    }
  }
}
