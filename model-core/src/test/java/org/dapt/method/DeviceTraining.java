package org.dapt.method;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.dapt.adapter.PeftAdapters;
import org.dapt.adapter.PeftFiles;
import org.dapt.adapter.PeftLora;
import org.dapt.decode.GreedyDecoder;
import org.dapt.decode.Sampler;
import org.dapt.exchange.GradientExchange;
import org.dapt.io.SafetensorsFile;
import org.dapt.method.lora.SampleGenerator;
import org.dapt.pet.BlockKind;
import org.dapt.pet.LoraScale;
import org.dapt.pet.LoraStart;
import org.dapt.pet.LoraTargets;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Device;
import org.dapt.tensor.NamedTensors;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Tensors;
import org.dapt.train.BestState;
import org.dapt.train.Checkpointer;
import org.dapt.train.DevChoice;
import org.dapt.train.DevSelection;
import org.dapt.train.ModelDropout;
import org.dapt.train.StepRecord;
import org.dapt.train.StepReport;
import org.dapt.train.TakenSteps;
import org.dapt.train.TaskData;
import org.dapt.train.TaskTraining;
import org.dapt.train.Trainer;
import org.dapt.train.TrainerOptions;
import org.dapt.train.TrainerState;

/**
 * A third task learnt as a run learns it, on some device: with all terms, clipping, dropout, ranks
 * that are compared, a choice on dev, a checkpoint, and what is made of what was learnt.
 */
record DeviceTraining(
    String method, String model, Device device, ComputeType type, boolean recompute) {
  /** Layers keep what the way back needs. */
  DeviceTraining(String method, String model, Device device, ComputeType type) {
    this(method, model, device, type, false);
  }

  private static final int STEPS = 5;
  private static final int KEPT_AT = 3;
  private static final String TASK = "later";

  /** By number of steps; those that are asked for are behind steps 2, 4 and 5. */
  private static final double[] SCORES = {0, 0, 1, 0, 3, 2};

  /**
   * What came of it.
   *
   * @param reports of all steps
   * @param parameters after the step that is best on dev
   * @param learnt the block and the rest as files hold them
   * @param adapter the weights of the block as a PEFT adapter; none where it cannot be one
   * @param answers decoded and sampled
   * @param checkpoint of {@link #KEPT_AT}
   */
  record Outcome(
      List<StepReport> reports,
      double[] gradient,
      double[] parameters,
      List<byte[]> learnt,
      byte[] adapter,
      List<String> answers,
      Kept checkpoint) {}

  /** A checkpoint as a file holds it, and the steps until then. */
  record Kept(byte[] state, DevChoice best, List<StepRecord> steps) {}

  /**
   * Learns.
   *
   * @param from goes on from there; null for the beginning
   */
  Outcome learn(GradientExchange exchange, Kept from) throws IOException {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = stream()) {
      stream.learn(2, 2);
      stream.learnt.replaceAll(stream::stored);
      try (Learner learner = stream.begin(TASK)) {
        return learn(stream, learner, exchange, from, false);
      }
    }
  }

  /** The same of the generator of pseudo samples. */
  Outcome generator(GradientExchange exchange) throws IOException {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = stream();
        Learner learner = SampleGenerator.begin(stream.context, TASK, 0.3)) {
      return learn(stream, learner, exchange, null, true);
    }
  }

  private TinyStream stream() {
    return new TinyStream(
        method,
        model,
        new Placement(device, type),
        1,
        TinyStream.TRAINING,
        TinyStream.MAX_REPLAY_SAMPLES);
  }

  private Outcome learn(
      TinyStream stream, Learner learner, GradientExchange exchange, Kept from, boolean generator)
      throws IOException {
    assertOnDevice(learner.parameters().values());
    assertOnDevice(stream.logits(learner, stream.examples(0, 3)));
    ModelDropout dropout =
        model.startsWith("t5") && !generator ? new ModelDropout(0.1, 1, TASK) : null;
    Memory memory = new Memory(from, stream.backbone.placement());
    TakenSteps taken =
        new TaskTraining(stream.backbone, learner, exchange, new Data(stream, exchange))
            .run(
                new TrainerOptions(1e-2, 60, 2, 1, dropout, recompute),
                STEPS,
                new DevSelection(2, (any, step) -> SCORES[(int) step]),
                memory,
                step -> {});
    assertThat(taken.choice().step()).isEqualTo(4);
    LearntTask learnt = learner.learnt();
    List<String> answers = new ArrayList<>();
    if (generator) {
      try (Predictor predictor = SampleGenerator.restore(stream.context, learnt)) {
        answers.addAll(sampled(stream, predictor));
      }
    } else {
      stream.learnt.add(stream.stored(learnt));
      try (Predictor predictor = stream.restore(2)) {
        answers.addAll(sampled(stream, predictor));
        new GreedyDecoder(stream.backbone, 8, 60)
            .decode(TinyStream.sources(stream.examples(9, 6)), predictor)
            .forEach(decoded -> answers.add(Arrays.toString(decoded.tokens())));
      }
    }
    return new Outcome(
        taken.records().stream().map(StepRecord::report).toList(),
        Tensors.toDoubles(learner.parameters().gradient()),
        Tensors.toDoubles(learner.parameters().values()),
        List.of(
            NamedTensors.write(learnt.block(), Map.of()),
            NamedTensors.write(learnt.attention(), Map.of())),
        adapter(generator ? BlockKind.LORA : stream.method.block().mixed(), learnt),
        answers,
        memory.kept);
  }

  private static byte[] adapter(BlockKind kind, LearntTask learnt) {
    if (kind == BlockKind.OTHER) {
      return new byte[0];
    }
    PeftFiles files =
        PeftAdapters.of(
            kind,
            learnt.block(),
            new PeftLora(new LoraScale(16, false), LoraTargets.DEFAULT, LoraStart.KAIMING, 0),
            "SEQ_2_SEQ_LM",
            "model",
            "run");
    return files.weightBytes();
  }

  private static List<String> sampled(TinyStream stream, Predictor predictor) {
    return new Sampler(stream.backbone, 6, 5, 1.2)
        .sample(new int[] {5, 9, 13}, predictor, List.of(new Random(1), new Random(2))).stream()
            .map(Arrays::toString)
            .toList();
  }

  private void assertOnDevice(Tensor tensor) {
    assertThat(tensor.device().str().getString()).isEqualTo(device.name());
  }

  /** Batches that differ from step to step, an equal share of them for each rank. */
  private record Data(TinyStream stream, GradientExchange exchange) implements TaskData {
    @Override
    public int shards() {
      return 2;
    }

    @Override
    public Batches batches(long taken) {
      return TinyStream.batches(
          taken,
          step -> {
            List<Example> all = stream.examples(50 + step, TinyStream.BATCH);
            List<Example> own = new ArrayList<>();
            for (int i = exchange.rank(); i < all.size(); i += exchange.ranks()) {
              own.add(all.get(i));
            }
            return own;
          });
    }

    @Override
    public List<Example> examples(InputPass.Over over, int shard, int most) {
      return stream.examples(20 + shard, 4);
    }
  }

  /** Keeps what a file would hold, and restores it as from a file. */
  private static final class Memory implements Checkpointer {
    private static final String BEST = "best";

    private final Kept from;
    private final Placement placement;
    private Kept kept;

    Memory(Kept from, Placement placement) {
      this.from = from;
      this.placement = placement;
    }

    @Override
    public List<StepRecord> restore(Trainer trainer) {
      if (from == null) {
        return new ArrayList<>();
      }
      try (SafetensorsFile file = SafetensorsFile.parse(from.state(), "memory")) {
        Map<String, Tensor> state = NamedTensors.read(file, placement.host());
        trainer.restore(
            new TrainerState(
                from.steps().size(),
                state.get("values"),
                state.get("mean"),
                state.get("square"),
                new BestState(from.best(), state.get(BEST)),
                Map.of()));
      }
      return new ArrayList<>(from.steps());
    }

    @Override
    public boolean isDue(long step) {
      return step == KEPT_AT;
    }

    @Override
    public void keep(Trainer trainer, List<StepRecord> steps) {
      TrainerState now = trainer.state();
      Map<String, Tensor> state = new HashMap<>();
      state.put("values", now.values());
      state.put("mean", now.mean());
      state.put("square", now.square());
      state.put(BEST, now.best().values());
      kept = new Kept(NamedTensors.write(state, Map.of()), now.best().choice(), List.copyOf(steps));
    }
  }
}
