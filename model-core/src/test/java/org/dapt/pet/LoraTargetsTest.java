package org.dapt.pet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.dapt.backbone.Backbones;
import org.dapt.backbone.Projection;
import org.dapt.error.ConfigException;
import org.dapt.fixture.Fixtures;
import org.dapt.io.ModelFolder;
import org.dapt.random.KeyedRandom;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names of linear layers, and what blocks on them begin with. */
class LoraTargetsTest {
  @ParameterizedTest
  @CsvSource({
    "t5-v10-tiny, q+v, q+v",
    "t5-v10-tiny, wi+wo, wi+wo",
    "t5-v11-tiny, wi_0+wi_1+o, o+wi_0+wi_1",
    "t5-v11-tiny, all-linear, k+o+q+v+wi_0+wi_1+wo",
    "llama-tiny, q+v, q_proj+v_proj",
    "llama-tiny, gate+up_proj+down, down_proj+gate_proj+up_proj",
    "llama-tiny, all-linear, down_proj+gate_proj+k_proj+o_proj+q_proj+up_proj+v_proj"
  })
  void shortNamesAreThoseOfAllLayers(String model, String names, String roles) {
    List<Projection> all = projections(model);
    List<String> expected = List.of(roles.split("\\+"));
    LoraTargets targets = targets(names);
    List<Projection> chosen = targets.of(all);
    assertThat(chosen)
        .containsExactlyElementsOf(all.stream().filter(p -> expected.contains(p.role())).toList());
    assertThat(targets.peftNames(chosen.stream().map(Projection::name).toList()))
        .isEqualTo(expected);
  }

  @Test
  void modulesAreNamedByTheirPathsOrTheEndsOfThese() {
    List<Projection> all = projections("t5-v10-tiny");
    assertThat(targets("EncDecAttention.q").of(all))
        .hasSize(2)
        .allMatch(p -> p.name().startsWith("decoder.") && p.role().equals("q"));
    String path = "encoder.block.1.layer.0.SelfAttention.v";
    assertThat(targets(path).of(all)).extracting(Projection::name).containsExactly(path);
    assertThat(targets(path + "+EncDecAttention.q").peftNames(List.of(path)))
        .containsExactly("EncDecAttention.q", path);
  }

  @ParameterizedTest
  @CsvSource({
    "gate",
    "q_proj",
    "SelfAttention",
    "Attention.q",
    "relative_attention_bias",
    "shared"
  })
  void whatIsNoLinearLayerIsRefusedWithTheNamesThatThereAre(String name) {
    assertThatThrownBy(() -> targets("q+" + name).of(projections("t5-v10-tiny")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("lora.targets has '%s'", name)
        .hasMessageContaining("expected are q, k, v, o, wi, wo,")
        .hasMessageContaining("all-linear");
  }

  @Test
  void aBlockBeginsUniformOrNormalAndChangesNothing() {
    List<Projection> wide = List.of(new Projection("a.q", "q", 4000, 3));
    try (PointerScope scope = new PointerScope()) {
      double[] uniform = start(wide, LoraStart.KAIMING);
      double bound = 1 / Math.sqrt(4000);
      assertThat(Arrays.stream(uniform).map(Math::abs).max().orElseThrow())
          .isBetween(0.99 * bound, bound);
      assertThat(deviation(uniform)).isCloseTo(bound / Math.sqrt(3), within(0.02 * bound));
      double[] normal = start(wide, LoraStart.GAUSSIAN);
      assertThat(deviation(normal)).isCloseTo(1.0 / 8, within(0.002));
      assertThat(Arrays.stream(normal).filter(v -> Math.abs(v) < 1.0 / 8).count())
          .isBetween((long) (0.67 * normal.length), (long) (0.69 * normal.length));
      assertThat(start(wide, LoraStart.GAUSSIAN)).isEqualTo(normal);
    }
  }

  private static double[] start(List<Projection> projections, LoraStart start) {
    LoraBlock block =
        LoraBlock.initial(
            projections, 8, start, KeyedRandom.of(1, "x"), Placement.cpu(ComputeType.FLOAT64));
    assertThat(Tensors.toDoubles(block.b("a.q"))).containsOnly(0);
    return Tensors.toDoubles(block.a("a.q"));
  }

  private static double deviation(double[] values) {
    return Math.sqrt(Arrays.stream(values).map(v -> v * v).average().orElseThrow());
  }

  private static LoraTargets targets(String names) {
    return new LoraTargets(List.of(names.split("\\+")));
  }

  /** No weight is read for them. */
  private static List<Projection> projections(String model) {
    try (ModelFolder folder = ModelFolder.open(Fixtures.folder(model))) {
      return Backbones.projections(folder);
    }
  }
}
