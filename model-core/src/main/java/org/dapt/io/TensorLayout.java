package org.dapt.io;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Where the tensors of a safetensors file lie in its data section. */
final class TensorLayout {
  private TensorLayout() {}

  /**
   * Checks that {@code tensors}, in order of their offsets, cover the data section without holes or
   * overlaps.
   *
   * @param dataLength bytes of the data section
   * @throws org.dapt.error.InputException if they do not
   */
  static void check(Collection<TensorInfo> tensors, long dataLength, SafetensorsDamage damage) {
    List<TensorInfo> byOffset = new ArrayList<>(tensors);
    byOffset.sort(
        (a, b) ->
            a.begin() != b.begin()
                ? Long.compare(a.begin(), b.begin())
                : Long.compare(a.end(), b.end()));
    long covered = 0;
    String previous = "the header";
    for (TensorInfo tensor : byOffset) {
      if (tensor.begin() != covered) {
        throw damage.found(
            "tensor %s begins at byte %d of the data, expected %d, where %s ends: %s"
                .formatted(
                    SafetensorsDamage.quoted(tensor.name()),
                    tensor.begin(),
                    covered,
                    previous,
                    tensor.begin() < covered ? "overlap" : "hole"));
      }
      covered = tensor.end();
      previous = SafetensorsDamage.quoted(tensor.name());
    }
    if (covered > dataLength) {
      throw damage.found(
          "it is truncated: the data has %d bytes, the header describes %d"
              .formatted(dataLength, covered));
    }
    if (covered < dataLength) {
      throw damage.found(
          "the data has %d bytes, the header describes %d: bytes that belong to no tensor"
              .formatted(dataLength, covered));
    }
  }
}
