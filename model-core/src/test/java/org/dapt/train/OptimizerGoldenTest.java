package org.dapt.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.dapt.method.ParameterSet;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The optimizer against torch's AdamW and the schedules of Transformers; the values are made by
 * {@code src/test/golden/optimizer.py}.
 */
class OptimizerGoldenTest {
  private static final Placement HOST = Placement.cpu(ComputeType.FLOAT32);

  @ParameterizedTest
  @EnumSource(ScheduleShape.class)
  void theRatesAreThoseOfTransformers(ScheduleShape shape) throws IOException {
    int seen = 0;
    for (JsonNode one : golden().get("schedules")) {
      if (one.get("shape").textValue().equals(text(shape))) {
        long steps = one.get("steps").longValue();
        RateSchedule schedule = RateSchedule.of(shape, one.get("warmup").doubleValue(), steps);
        for (int step = 1; step <= steps; step++) {
          assertThat(schedule.factor(step))
              .as("%s in step %d", one, step)
              .isCloseTo(one.get("factors").get(step - 1).doubleValue(), within(1e-15));
        }
        seen++;
      }
    }
    assertThat(seen).isGreaterThan(3);
  }

  @Test
  void aShareOfTheStepsIsRoundedUp() {
    // As TrainingArguments.get_warmup_steps of Transformers does, in double arithmetic.
    assertThat(RateSchedule.of(ScheduleShape.LINEAR, 0.1, 25).warmup()).isEqualTo(3);
    assertThat(RateSchedule.of(ScheduleShape.LINEAR, 0.07, 100).warmup()).isEqualTo(8);
    assertThat(RateSchedule.of(ScheduleShape.LINEAR, 1, 25).warmup()).isEqualTo(1);
    assertThat(RateSchedule.of(ScheduleShape.LINEAR, 0, 25).warmup()).isZero();
  }

  /** One vector holds both tensors, of which one decays. */
  @ParameterizedTest
  @EnumSource(ScheduleShape.class)
  void theParametersMoveAsInTorch(ScheduleShape shape) throws IOException {
    JsonNode golden = null;
    for (JsonNode one : golden().get("trajectories")) {
      golden = one.get("shape").textValue().equals(text(shape)) ? one : golden;
    }
    try (PointerScope scope = new PointerScope()) {
      Map<String, Tensor> start = new LinkedHashMap<>();
      start.put("matrix", tensor(golden.get("start").get("matrix")));
      start.put("bias", tensor(golden.get("start").get("bias")));
      JsonNode steps = golden.get("steps");
      RateSchedule schedule =
          RateSchedule.of(shape, golden.get("warmup").doubleValue(), steps.size());
      double rate = golden.get("rate").doubleValue();
      try (ParameterSet parameters = new ParameterSet(start, HOST);
          AdamW optimizer =
              new AdamW(parameters.values(), RateSpan.of(parameters, name -> true, name -> rate))) {
        WeightDecay decay =
            new WeightDecay(
                parameters, golden.get("weight_decay").doubleValue(), name -> true, name -> rate);
        for (int step = 1; step <= steps.size(); step++) {
          JsonNode expected = steps.get(step - 1);
          Tensor gradient =
              Tensors.cat(
                  List.of(
                      tensor(expected.get("matrix_gradient")).view(-1),
                      tensor(expected.get("bias_gradient")).view(-1)),
                  0);
          decay.apply(schedule.factor(step));
          optimizer.step(gradient, schedule.factor(step));
          for (String name : start.keySet()) {
            assertThat(Tensors.toDoubles(parameters.get(name).detach().view(-1)))
                .as("%s after step %d", name, step)
                .containsExactly(
                    Tensors.toDoubles(tensor(expected.get(name)).view(-1)), within(1e-6));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "block.encoder.block.0.layer.0.SelfAttention.q.lora_A",
        "model.layers.0.self_attn.q_proj.lora_B",
        "prompt",
        "block.prompt",
        "key",
        "query.down.weight",
        "query.up.weight",
        "abnormal.weight"
      })
  void matricesKeysAndPromptsDecay(String name) {
    assertThat(WeightDecay.decays(name)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"query.norm.weight", "query.norm.bias", "a.bias", "x.layer_norm.weight", "LayerNorm"})
  void biasesAndNormsDoNot(String name) {
    assertThat(WeightDecay.decays(name)).isFalse();
  }

  private static String text(ScheduleShape shape) {
    return shape.name().toLowerCase(Locale.ROOT);
  }

  private static JsonNode golden() throws IOException {
    return JsonMapper.builder()
        .build()
        .readTree(OptimizerGoldenTest.class.getResource("/golden/optimizer.json"));
  }

  private static Tensor tensor(JsonNode rows) {
    boolean matrix = rows.get(0).isArray();
    long columns = matrix ? rows.get(0).size() : rows.size();
    List<Double> all = new ArrayList<>();
    rows.forEach(
        row -> {
          if (matrix) {
            row.forEach(value -> all.add(value.doubleValue()));
          } else {
            all.add(row.doubleValue());
          }
        });
    double[] values = all.stream().mapToDouble(value -> value).toArray();
    return matrix
        ? HOST.of(HOST.learnt(), values, rows.size(), columns)
        : HOST.of(HOST.learnt(), values, columns);
  }
}
