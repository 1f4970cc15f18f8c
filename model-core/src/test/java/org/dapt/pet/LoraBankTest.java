package org.dapt.pet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Projection;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.junit.jupiter.api.Test;

/** What a bank holds of native memory. */
class LoraBankTest {
  private static final Placement HOST = Placement.cpu(ComputeType.FLOAT32);
  private static final List<Projection> PROJECTIONS =
      List.of(new Projection("a.q", "q", 4, 6), new Projection("a.v", "v", 4, 6));

  @Test
  void aBankThatCannotBeMadeLeavesNoMemoryBehind() {
    try (PointerScope scope = new PointerScope()) {
      LoraBlock fits = block(4);
      LoraBlock doesNot = block(5);
      Runnable make =
          () ->
              assertThatThrownBy(
                      () -> new LoraBank(HOST, PROJECTIONS, List.of(fits, doesNot), null, 1))
                  .hasMessageContaining("Sizes of tensors must match");
      make.run();
      long before = Pointer.totalCount();
      make.run();
      assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
    }
  }

  /** A block whose last matrix A has so many columns. */
  private static LoraBlock block(long columns) {
    Map<String, Tensor> tensors = new TreeMap<>();
    tensors.put("a.q.lora_A", HOST.ones(HOST.learnt(), 2, 4));
    tensors.put("a.q.lora_B", HOST.ones(HOST.learnt(), 6, 2));
    tensors.put("a.v.lora_A", HOST.ones(HOST.learnt(), 2, columns));
    tensors.put("a.v.lora_B", HOST.ones(HOST.learnt(), 6, 2));
    return LoraBlock.of(tensors);
  }
}
