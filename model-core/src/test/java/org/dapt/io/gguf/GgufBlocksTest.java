package org.dapt.io.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.dapt.error.InputException;
import org.dapt.io.SafetensorsFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every type of block gives the numbers that the {@code gguf} package gives, bit by bit. */
class GgufBlocksTest {
  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(GgufType.class)
  void numbersAreThoseOfThePackage(GgufType type) {
    String name = type.name().toLowerCase(Locale.ROOT);
    try (var file = GgufFile.open(GgufGolden.file("blocks.gguf"));
        var expected = SafetensorsFile.open(GgufGolden.file("blocks.safetensors"))) {
      GgufTensor tensor = file.tensors().get(name);
      assertThat(tensor.type()).isEqualTo(type);
      assertThat(tensor.shape()).isEqualTo(expected.info(name).shape());
      float[] found = new float[(int) tensor.elements()];
      file.read(tensor, 0, found.length, found);
      float[] wanted = new float[found.length];
      expected.data(name).asFloatBuffer().get(wanted);
      assertThat(bits(found)).isEqualTo(bits(wanted));
      assertThat(wanted).contains(0f, wanted[wanted.length - 1]).hasSizeGreaterThan(500);
    }
  }

  @ParameterizedTest
  @EnumSource(GgufType.class)
  void aPartIsReadAsTheWhole(GgufType type) {
    try (var file = GgufFile.open(GgufGolden.file("blocks.gguf"))) {
      GgufTensor tensor = file.tensors().get(type.name().toLowerCase(Locale.ROOT));
      float[] whole = new float[(int) tensor.elements()];
      file.read(tensor, 0, whole.length, whole);
      float[] part = new float[256];
      file.read(tensor, 256, 256, part);
      assertThat(bits(part)).isEqualTo(bits(Arrays.copyOfRange(whole, 256, 512)));
    }
  }

  @Test
  void allNumbersOfHalfPrecisionAreExact() {
    ByteBuffer in = ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN);
    for (int bits = 0; bits < 1 << 16; bits++) {
      in.putShort(0, (short) bits);
      int exponent = (bits >> 10) & 0x1f;
      int fraction = bits & 0x3ff;
      double size =
          exponent == 0
              ? fraction * Math.pow(2, -24)
              : exponent == 31
                  ? fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN
                  : (1 + fraction / 1024.0) * Math.pow(2, exponent - 15);
      // Compared by bits, so that the sign of zero counts; all that are no numbers are one.
      assertThat(Float.floatToIntBits(HalfFloat.at(in, 0)))
          .isEqualTo(Float.floatToIntBits((float) (bits >> 15 == 0 ? size : -size)));
    }
  }

  @Test
  void numbersThatAreNotFiniteAreRefusedByTheirPlace() {
    float[] values = new float[40];
    values[33] = Float.NaN;
    Path path = new GgufBuilder().tensor("w", values, 40).write(folder);
    try (var file = GgufFile.open(path)) {
      GgufTensor tensor = file.tensors().get("w");
      assertThatThrownBy(() -> file.read(tensor, 8, 32, new float[32]))
          .isInstanceOf(InputException.class)
          .hasMessageContaining(path.toString())
          .hasMessageContaining("number 33 of the tensor \"w\" is NaN");
    }
  }

  private static int[] bits(float[] numbers) {
    int[] bits = new int[numbers.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(numbers[i]);
    }
    return bits;
  }
}
