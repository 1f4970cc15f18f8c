package org.dapt.method;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Batch;
import org.dapt.backbone.Decoding;
import org.dapt.backbone.LayerInput;
import org.dapt.backbone.Projection;
import org.dapt.backbone.Source;
import org.dapt.exchange.AloneExchange;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.dapt.train.Checkpointer;
import org.dapt.train.TaskData;
import org.dapt.train.TaskTraining;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What methods say of the passes that they make, against those that they make. */
class ModelPassesTest {
  private static final int STEPS = 3;
  private static final int INPUTS = 11;

  private static Stream<Arguments> all() {
    return TinyStream.learning()
        .flatMap(
            method ->
                Stream.of("t5-v11-tiny", "llama-tiny").map(model -> Arguments.of(method, model)));
  }

  @ParameterizedTest
  @MethodSource("all")
  void asManyAsItSays(String method, String model) throws IOException {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = new TinyStream(method, model, ComputeType.FLOAT32)) {
      stream.learn(1);
      List<Example> examples = TinyStream.examples(9, INPUTS, stream.backbone.vocabulary());
      Counting backbone = new Counting(stream.backbone, TinyStream.sources(examples));
      MethodContext context = new MethodContext(backbone, stream.context.sections(), 1);
      ModelPasses passes = stream.method.passes(context.sections(), context.adapted());
      List<LearntTask> learnt = new ArrayList<>(stream.learnt);
      try (Learner learner = stream.method.begin(context, learnt, "later", stream.replay)) {
        new TaskTraining(backbone, learner, new AloneExchange(), new Data(stream, examples))
            .run(TinyStream.TRAINING, STEPS, null, Checkpointer.NONE, step -> {});
        int steps = STEPS * TinyStream.BATCH;
        assertThat(backbone.inputs)
            .as("inputs")
            .isEqualTo(passes.inputs() * INPUTS + passes.learning() * steps);
        assertThat(backbone.examples).as("examples").isEqualTo(passes.examples() * INPUTS + steps);
        learnt.add(learner.learnt());
      }
      backbone.inputs = 0;
      try (NoGradGuard guard = new NoGradGuard();
          Predictor predictor = stream.method.restore(context, learnt, "later")) {
        Source source = backbone.source(TinyStream.sources(examples));
        predictor.adapt(source, predictor.attentionWeights(source));
        assertThat(backbone.inputs).as("answered").isEqualTo(passes.answering() * INPUTS);
      }
    }
  }

  /** One shard of {@code examples}, learnt in batches of the first of them. */
  private record Data(TinyStream stream, List<Example> examples) implements TaskData {
    @Override
    public int shards() {
      return 1;
    }

    @Override
    public Batches batches(long taken) {
      return TinyStream.batches(taken, step -> examples.subList(0, TinyStream.BATCH));
    }

    @Override
    public List<Example> examples(InputPass.Over over, int shard, int most) {
      return over == InputPass.Over.TRAINING
          ? examples.subList(0, Math.min(most, examples.size()))
          : stream.examples(7, 5);
    }
  }

  /** Counts which of a task's inputs pass the model behind it. */
  private static final class Counting implements Backbone {
    private final Backbone model;
    private final Set<List<Integer>> counted = new HashSet<>();
    private int inputs;
    private int examples;

    Counting(Backbone model, List<int[]> sources) {
      this.model = model;
      sources.forEach(source -> counted.add(boxed(source)));
    }

    private static List<Integer> boxed(int[] tokens) {
      return Arrays.stream(tokens).boxed().toList();
    }

    private int count(Source source) {
      return (int)
          source.tokens().stream().filter(tokens -> counted.contains(boxed(tokens))).count();
    }

    @Override
    public Tensor encode(Source source, Adaptation adaptation) {
      inputs += count(source);
      return model.encode(source, adaptation);
    }

    @Override
    public Tensor targetLogits(Batch batch, Adaptation adaptation) {
      examples += count(batch.source());
      return model.targetLogits(batch, adaptation);
    }

    @Override
    public Decoding decode(Source source, Adaptation adaptation) {
      return model.decode(source, adaptation);
    }

    @Override
    public int width() {
      return model.width();
    }

    @Override
    public int vocabulary() {
      return model.vocabulary();
    }

    @Override
    public Placement placement() {
      return model.placement();
    }

    @Override
    public List<Projection> projections() {
      return model.projections();
    }

    @Override
    public LayerInput input(Projection projection) {
      return model.input(projection);
    }

    @Override
    public int padToken() {
      return model.padToken();
    }

    @Override
    public Set<Integer> endTokens() {
      return model.endTokens();
    }

    @Override
    public Tensor embed(Tensor ids) {
      return model.embed(ids);
    }

    @Override
    public String sha256() {
      return model.sha256();
    }

    @Override
    public void close() {
      model.close();
    }
  }
}
