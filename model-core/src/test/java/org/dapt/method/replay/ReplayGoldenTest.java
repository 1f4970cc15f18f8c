package org.dapt.method.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Batch;
import org.dapt.exchange.AloneExchange;
import org.dapt.fixture.Fixtures;
import org.dapt.method.Example;
import org.dapt.method.Learner;
import org.dapt.method.Rehearsal;
import org.dapt.method.Rehearsal.Mix;
import org.dapt.method.Sections;
import org.dapt.method.TinyStream;
import org.dapt.tensor.ComputeType;
import org.dapt.train.Trainer;
import org.dapt.train.TrainerOptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Which examples are kept, where they stand and what they count, against the reference's exact
 * fractions.
 */
class ReplayGoldenTest {
  private static final int TARGET = 5;

  private static Stream<JsonNode> mixing() {
    return cases("mixing");
  }

  private static Stream<JsonNode> losses() {
    return cases("losses");
  }

  private static Stream<JsonNode> cases(String kind) {
    JsonNode cases = Fixtures.json(Fixtures.folder("method-replay").resolve("cases.json"));
    return StreamSupport.stream(cases.get(kind).spliterator(), false);
  }

  @ParameterizedTest
  @MethodSource("mixing")
  void keptExamplesAndTheirPlaces(JsonNode golden) {
    Map<String, Object> options = new TreeMap<>();
    options.put("method.options.share", decimal(golden.get("keep_share")));
    options.put("method.options.mixing", golden.get("rule").textValue());
    if (golden.has("batch_share")) {
      options.put("method.options.batch-share", decimal(golden.get("batch_share")));
    }
    Rehearsal rehearsal = new ReplayLora().rehearsal(Sections.of(options));
    JsonNode expected = golden.get("expected");
    JsonNode sizes = golden.get("task_sizes");
    int last = sizes.size() - 1;
    assertThat(expected.get("kept")).hasSize(last);
    long all = 0;
    for (int i = 0; i < last; i++) {
      int kept = rehearsal.kept(sizes.get(i).longValue());
      assertThat(kept).isEqualTo(expected.get("kept").get(i).intValue());
      all += kept;
    }
    long examples = sizes.get(last).longValue();
    Mix mix = rehearsal.mix(examples, all);
    int batch = golden.get("global_batch").intValue();
    long steps = mix.steps(golden.get("epochs").longValue() * examples, batch);
    assertThat(steps).isEqualTo(expected.get("steps").longValue());
    for (int step = 0; step < expected.get("from_memory").size(); step++) {
      long kept = 0;
      for (long place = (long) step * batch; place < (step + 1L) * batch; place++) {
        kept += mix.isKept(place) ? 1 : 0;
      }
      assertThat(kept).isEqualTo(expected.get("from_memory").get(step).longValue());
    }
    long total = mix.keptAmong(steps * batch);
    assertThat(total).isEqualTo(expected.get("from_memory_total").longValue());
    assertThat(steps * batch - total).isEqualTo(expected.get("new_total").longValue());
  }

  /** The model is one whose target tokens have the losses of the reference. */
  @ParameterizedTest
  @MethodSource("losses")
  void aTokenOfAKeptExampleCountsAsOneOfANewExample(JsonNode golden) {
    List<Example> examples = new ArrayList<>();
    for (JsonNode losses : golden.get("token_losses")) {
      int number = examples.size();
      String id = (golden.get("kept").get(number).booleanValue() ? "kept-" : "new-") + number;
      int[] target = new int[losses.size()];
      Arrays.fill(target, TARGET);
      examples.add(new Example(id, new int[] {number}, target));
    }
    // Micro-batches of one or two examples.
    TrainerOptions options = new TrainerOptions(1e-3, 6, 0);
    try (PointerScope scope = new PointerScope();
        TinyStream stream = new TinyStream("replay", "t5-v10-tiny", ComputeType.FLOAT64)) {
      stream.learn(1, 1);
      Backbone told = told(stream.backbone, golden.get("token_losses"));
      try (Learner learner = stream.begin("task");
          Trainer trainer = new Trainer(told, learner, new AloneExchange(), options)) {
        assertThat(trainer.step(examples).loss())
            .isCloseTo(golden.get("loss").doubleValue(), within(1e-12));
      }
    }
  }

  /**
   * {@code real} with logits that give target tokens {@code losses}; the first token of a source is
   * the number of its example.
   */
  private static Backbone told(Backbone real, JsonNode losses) {
    InvocationHandler handler =
        (self, method, arguments) -> {
          Object result = method.invoke(real, arguments);
          if (!method.getName().equals("targetLogits")) {
            return result;
          }
          Batch batch = (Batch) arguments[0];
          int others = real.vocabulary() - 1;
          List<double[]> rows = new ArrayList<>();
          for (int[] source : batch.source().tokens()) {
            for (JsonNode loss : losses.get(source[0])) {
              // log(exp(x) + others) - x is the loss.
              double[] row = new double[others + 1];
              row[TARGET] = Math.log(others / Math.expm1(loss.doubleValue()));
              rows.add(row);
            }
          }
          double[] flat = rows.stream().flatMapToDouble(Arrays::stream).toArray();
          Tensor logits = real.placement().of(ScalarType.Double, flat, rows.size(), others + 1);
          return ((Tensor) result).mul(new Scalar(0.0)).add(logits);
        };
    return (Backbone)
        Proxy.newProxyInstance(
            Backbone.class.getClassLoader(), new Class<?>[] {Backbone.class}, handler);
  }

  /** A fraction as a user would write it. */
  private static String decimal(JsonNode fraction) {
    String[] parts = fraction.textValue().split("/", -1);
    return new BigDecimal(parts[0]).divide(new BigDecimal(parts[1])).toPlainString();
  }
}
