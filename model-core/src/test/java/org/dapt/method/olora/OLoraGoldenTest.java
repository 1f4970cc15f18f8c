package org.dapt.method.olora;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Projection;
import org.dapt.fixture.Fixtures;
import org.dapt.fixture.GoldenTensors;
import org.dapt.method.ParameterSet;
import org.dapt.pet.LoraBank;
import org.dapt.pet.LoraBlock;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Tensors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** O-LoRA against a reference in PyTorch. */
class OLoraGoldenTest {
  private static final Placement PLACEMENT = Placement.cpu(ComputeType.FLOAT64);

  private static Stream<Path> cases() {
    return Fixtures.cases("method-o-lora").stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void termsAndTheirGradients(Path folder) {
    try (PointerScope scope = new PointerScope()) {
      Case golden = new Case(folder);
      try (ParameterSet parameters = new ParameterSet(golden.newest(), PLACEMENT);
          Orthogonality orthogonality =
              new Orthogonality(
                  golden.projections(), golden.older(), LoraBlock.of(parameters.tensors()))) {
        for (Map.Entry<String, Supplier<Tensor>> term :
            Map.<String, Supplier<Tensor>>of(
                    "squared", orthogonality::squared,
                    "absolute", orthogonality::absolute,
                    "l2", orthogonality::norm)
                .entrySet()) {
          parameters.gradientBuffer().zero_();
          Tensor value = term.getValue().get();
          if (value == null) {
            assertThat(golden.tasks).as("without earlier blocks").isEqualTo(1);
            assertThat(golden.expected.scalar("term." + term.getKey())).isZero();
            continue;
          }
          golden.assertSame(value, "term." + term.getKey());
          value.backward();
          String prefix = "grad.%s.block.%d.".formatted(term.getKey(), golden.tasks - 1);
          assertThat(golden.expected.under(prefix)).isNotEmpty();
          golden
              .expected
              .under(prefix)
              .keySet()
              .forEach(name -> golden.assertSame(parameters.get(name).grad(), prefix + name));
        }
        if (golden.tasks > 1) {
          for (String form : List.of("squared", "absolute")) {
            Tensor term =
                form.equals("squared") ? orthogonality.squared() : orthogonality.absolute();
            golden.assertSame(
                term.mul(new Scalar(golden.info.get("lambda1").doubleValue()))
                    .add(
                        orthogonality
                            .norm()
                            .mul(new Scalar(golden.info.get("lambda2").doubleValue()))),
                "penalty." + form);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void allBlocksAreAdded(Path folder) {
    try (PointerScope scope = new PointerScope()) {
      Case golden = new Case(folder);
      try (LoraBank bank =
          new LoraBank(
              PLACEMENT,
              golden.projections(),
              golden.older(),
              LoraBlock.of(golden.newest()),
              golden.info.get("alpha").doubleValue())) {
        for (Projection projection : golden.projections()) {
          Tensor x = golden.given.get("x." + projection.name()).unsqueeze(0);
          Tensor ones = PLACEMENT.ones(PLACEMENT.learnt(), 1, golden.tasks);
          Tensor frozen = PLACEMENT.zeros(PLACEMENT.scalar(), 1, x.size(1), projection.out());
          golden.assertSame(
              bank.mix(ones).adapt(projection.name(), x, frozen).squeeze(0),
              "output." + projection.name());
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

    List<Projection> projections() {
      List<Projection> projections = new ArrayList<>();
      for (JsonNode name : info.get("projections")) {
        Map<String, Tensor> newest = newest();
        projections.add(
            new Projection(
                name.textValue(),
                "q",
                newest.get(name.textValue() + ".lora_A").size(1),
                newest.get(name.textValue() + ".lora_B").size(0)));
      }
      return projections;
    }

    List<LoraBlock> older() {
      List<LoraBlock> older = new ArrayList<>();
      for (int i = 0; i < tasks - 1; i++) {
        older.add(LoraBlock.of(given.under("block." + i + ".")));
      }
      return older;
    }

    Map<String, Tensor> newest() {
      return new LinkedHashMap<>(given.under("block." + (tasks - 1) + "."));
    }

    void assertSame(Tensor actual, String name) {
      Tensor golden = expected.get(name);
      double[] values = Tensors.toDoubles(golden);
      double[] found = Tensors.toDoubles(actual);
      assertThat(found).hasSameSizeAs(values);
      double tolerance = info.get("tolerance").get("float64").doubleValue();
      double scale = 1;
      for (double value : values) {
        scale = Math.max(scale, Math.abs(value));
      }
      for (int i = 0; i < values.length; i++) {
        assertThat(Math.abs(found[i] - values[i])).as(name).isLessThan(tolerance * scale);
      }
    }
  }
}
