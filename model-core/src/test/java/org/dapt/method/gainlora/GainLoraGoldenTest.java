package org.dapt.method.gainlora;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.backbone.Projection;
import org.dapt.fixture.Fixtures;
import org.dapt.fixture.GoldenTensors;
import org.dapt.method.LearntTask;
import org.dapt.method.ParameterSet;
import org.dapt.method.UpdateRule;
import org.dapt.method.subspace.Spectrum;
import org.dapt.pet.LoraBank;
import org.dapt.pet.LoraBlock;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Tensors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** GainLoRA's gates, their gradients and projected updates against a reference in PyTorch. */
class GainLoraGoldenTest {
  private static final Placement PLACEMENT = Placement.cpu(ComputeType.FLOAT64);
  private static final String PROJECTION = "layer.q";
  private static final List<String> GATE = List.of("G1", "G2", "G3");

  private static Stream<Path> cases() {
    return Fixtures.cases("method-gain-lora").stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void spacesLeaveTheGateShutForEarlierInputs(Path folder) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Case golden = new Case(folder);
      try (GateSpaces spaces = golden.spaces(scope)) {
        Tensor unit1 = torch.diag(PLACEMENT.ones(ScalarType.Double, golden.width()));
        Tensor unit2 = torch.diag(PLACEMENT.ones(ScalarType.Double, golden.hidden()));
        UpdateRule rule = spaces.rule();
        golden.assertSame(unit1.sub(rule.apply(Gate.G1, unit1)), "space.G1");
        golden.assertSame(unit2.sub(rule.apply(Gate.G2, unit2)), "space.G2");
        golden.assertSame(unit1.sub(rule.apply(Gate.G3, unit1)), "space.G3");
        assertThat(rule.apply("layer.q.lora_A", unit1)).isSameAs(unit1);

        Map<String, Tensor> start = golden.start(spaces);
        Map<String, Tensor> after = new LinkedHashMap<>();
        for (String name : GATE) {
          golden.assertSame(start.get("gate." + name), "start." + name);
          Tensor update = golden.expected.get("update." + name);
          after.put(
              "gate." + name, start.get("gate." + name).add(rule.apply("gate." + name, update)));
          golden.assertSame(after.get("gate." + name), "step1." + name);
        }
        Tensor old = golden.given.get("old.p0");
        for (Map.Entry<String, Map<String, Tensor>> gate :
            Map.of("old_gates.before", start, "old_gates.after", after).entrySet()) {
          Tensor values = golden.gate(gate.getValue()).value(old).reshape(-1);
          golden.assertSame(values, gate.getKey());
          assertThat(values.max().item_double()).as("shut").isLessThan(1e-9);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void gatesOutputsAndGradients(Path folder) {
    try (PointerScope scope = new PointerScope()) {
      Case golden = new Case(folder);
      int newest = golden.tasks - 1;
      Map<String, Tensor> initial = new LinkedHashMap<>();
      try (GateSpaces spaces = golden.spaces(scope)) {
        initial.putAll(golden.start(spaces));
      }
      initial.putAll(golden.block(newest).tensors());
      try (ParameterSet parameters = new ParameterSet(initial, PLACEMENT)) {
        Tensor p0 = golden.given.get("p0");
        Gate gate = golden.gate(parameters.tensors());
        golden.assertSame(gate.layers(p0).get(1), "p1");
        golden.assertSame(gate.layers(p0).get(2), "p2");
        List<Gate> gates = golden.olderGates();
        gates.add(gate);
        Tensor values = new Gates(gates).values(p0);
        golden.assertSame(values, "gates");
        List<LoraBlock> older = new ArrayList<>();
        for (int i = 0; i < newest; i++) {
          older.add(golden.block(i));
        }
        Tensor x = golden.given.get("x");
        Tensor cotangent = golden.given.get("cotangent");
        Projection projection = new Projection(PROJECTION, "q", x.size(2), cotangent.size(2));
        try (LoraBank bank =
            new LoraBank(
                PLACEMENT,
                List.of(projection),
                older,
                LoraBlock.of(parameters.tensors()),
                golden.info.get("alpha").doubleValue())) {
          Tensor frozen = PLACEMENT.zeros(ScalarType.Double, Tensors.shape(cotangent));
          Tensor output = bank.mix(values).adapt(PROJECTION, x, frozen);
          golden.assertSame(output, "output");
          output.mul(cotangent).sum().backward();
        }
        for (String name : GATE) {
          golden.assertSame(parameters.get("gate." + name).grad(), "grad." + name);
        }
        for (String name : List.of("lora_A", "lora_B")) {
          golden.assertSame(parameters.get(PROJECTION + "." + name).grad(), "grad." + name);
        }
      }
    }
  }

  /** One folder of the fixture. */
  private static final class Case {
    final JsonNode info;
    final int tasks;
    final GoldenTensors given;
    final GoldenTensors expected;

    Case(Path folder) {
      info = Fixtures.json(folder.resolve("info.json"));
      tasks = info.get("tasks").intValue();
      given = GoldenTensors.read(folder.resolve("given.safetensors"), PLACEMENT);
      expected = GoldenTensors.read(folder.resolve("expected.safetensors"), PLACEMENT);
    }

    long width() {
      return given.get("p0").size(1);
    }

    long hidden() {
      return given.get("gate.0.G1").size(0);
    }

    Gate gate(Map<String, Tensor> tensors) {
      return Gate.of(tensors, info.get("gate").textValue().equals("cosine"));
    }

    List<Gate> olderGates() {
      List<Gate> gates = new ArrayList<>();
      for (int i = 0; i < tasks - 1; i++) {
        gates.add(gate(older(i)));
      }
      return gates;
    }

    private Map<String, Tensor> older(int task) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      given
          .under("gate." + task + ".")
          .forEach((name, tensor) -> tensors.put("gate." + name, tensor));
      return tensors;
    }

    LoraBlock block(int task) {
      Map<String, Tensor> block = new LinkedHashMap<>();
      given
          .under("block." + task + ".")
          .forEach((name, tensor) -> block.put(PROJECTION + "." + name, tensor));
      return LoraBlock.of(block);
    }

    /** All of the old inputs, as a task kept them that came through the gate before the newest. */
    GateSpaces spaces(PointerScope scope) {
      Gate before = olderGates().get(tasks - 2);
      try (GateSpaces none = new GateSpaces(List.of(), width(), hidden(), PLACEMENT)) {
        assertThat(none.rule()).isNull();
        List<Tensor> moments = new ArrayList<>();
        for (Tensor rows : before.layers(given.get("old.p0"))) {
          moments.add(rows.t().matmul(rows));
        }
        Map<String, Tensor> kept = none.grown(moments, Spectrum.INPUTS, 1, "old");
        kept.values().forEach(scope::attach);
        return new GateSpaces(
            List.of(new LearntTask("old", Map.of(), kept, List.of())),
            width(),
            hidden(),
            PLACEMENT);
      }
    }

    Map<String, Tensor> start(GateSpaces spaces) {
      Map<String, Tensor> start = new LinkedHashMap<>(older(tasks - 2));
      start.put(Gate.G3, spaces.born(given.get("random.G3")));
      return start;
    }

    void assertSame(Tensor actual, String name) {
      double scale =
          Arrays.stream(Tensors.toDoubles(expected.get(name))).map(Math::abs).reduce(1, Math::max);
      assertThat(GoldenTensors.distance(actual, expected.get(name)))
          .as(name)
          .isLessThan(info.get("tolerance").get("float64").doubleValue() * scale);
    }
  }
}
