package org.dapt.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.digest.Sha256;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * That the fake accelerator refuses what a GPU would: else nothing that runs there says a thing.
 */
class FakeAcceleratorTest {
  private static final Placement HOST = Placement.cpu(ComputeType.FLOAT32);
  private static final Placement THERE = new Placement(FakeAccelerator.DEVICE, ComputeType.FLOAT32);

  @BeforeAll
  static void load() {
    assumeThat(FakeAccelerator.runsHere()).isTrue();
    FakeAccelerator.load();
  }

  @Test
  void theLibraryWasMadeOfTheSourceThatLiesHere() throws IOException {
    MessageDigest digest = Sha256.start();
    digest.update(Files.readAllBytes(Path.of("src/test/native/fake_accelerator.cpp")));
    assertThat(FakeAccelerator.sourceSha256())
        .as("made anew with src/test/native/build.sh after each change of the source")
        .isEqualTo(Sha256.hex(digest));
  }

  @Test
  void operatorsOverTensorsOfTwoDevicesAreRefused() {
    try (PointerScope scope = new PointerScope()) {
      Tensor host = HOST.ones(ScalarType.Float, 4, 4);
      Tensor there = THERE.ones(ScalarType.Float, 4, 4);
      Tensor hostIds = HOST.indices(1, 2);
      Map<String, Supplier<Tensor>> mixtures = new LinkedHashMap<>();
      mixtures.put("sum", () -> there.add(host));
      mixtures.put("sum in place", () -> host.add_(there));
      mixtures.put("product", () -> there.matmul(host));
      mixtures.put("products of a batch", () -> there.unsqueeze(0).bmm(host.unsqueeze(0)));
      mixtures.put("linear", () -> torch.linear(host, there));
      mixtures.put("embedding", () -> torch.embedding(there, hostIds));
      mixtures.put("rows", () -> there.index_select(0, hostIds));
      mixtures.put("one behind the other", () -> torch.cat(new TensorVector(host, there), 0));
      mixtures.put("mask", () -> there.masked_fill(host.gt(new Scalar(0.0)), new Scalar(0.0)));
      mixtures.put(
          "targets",
          () ->
              torch.cross_entropy_loss(
                  there.narrow(0, 0, 2), hostIds, new TensorOptional(), 2, -100, 0.0));
      mixtures.put(
          "generator", () -> there.normal_(0, 1, new GeneratorOptional(Placement.generator(1))));
      mixtures.forEach(
          (name, mixture) ->
              assertThatThrownBy(mixture::get)
                  .as(name)
                  .hasMessageMatching("(?s).*(on the same device|type for generator).*"));
    }
  }

  @Test
  void copiesAndReadsAreCounted() {
    try (PointerScope scope = new PointerScope()) {
      Tensor host = HOST.ones(ScalarType.Float, 5);
      FakeAccelerator.reset();
      Tensor there = torch.empty_like(THERE.zeros(ScalarType.Float, 5));
      there.copy_(host);
      there.copy_(host.pin_memory(), true);
      assertThat(there.sum().item_double()).isEqualTo(5);
      assertThat(there.cpu().sum().item_double()).isEqualTo(5);
      assertThat(FakeAccelerator.counts())
          .containsEntry(FakeAccelerator.Counter.TO_DEVICE, 2L)
          .containsEntry(FakeAccelerator.Counter.TO_DEVICE_BYTES, 40L)
          .containsEntry(FakeAccelerator.Counter.TO_HOST, 1L)
          .containsEntry(FakeAccelerator.Counter.WAITS, 2L)
          .containsEntry(FakeAccelerator.Counter.NUMBERS_READ, 1L);
      assertThat(there.data_ptr_float().get()).as("read through its address").isNaN();
    }
  }
}
