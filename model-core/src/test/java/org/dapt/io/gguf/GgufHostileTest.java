package org.dapt.io.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.dapt.error.ExitCode;
import org.dapt.error.InputException;
import org.dapt.hostile.BrokenBytes;
import org.dapt.hostile.Outcome;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Damaged and hostile headers are refused with a message that names the file and what is wrong. */
class GgufHostileTest {
  @TempDir private static Path folder;

  static Stream<Arguments> headers() {
    return Stream.of(
        hostile("it does not begin with GGUF", new byte[0]),
        hostile("it does not begin with GGUF", bytes("GGU")),
        hostile("it does not begin with GGUF", bytes("GGUG")),
        hostile("its version would take 4 bytes, but the file ends after 0", bytes("GGUF")),
        hostile("version 1 of the format; versions 2 and 3 are read", start(1, 0, 0)),
        hostile("version 4 of the format", start(4, 0, 0)),
        hostile("it is big-endian", start(3 << 24, 0, 0)),
        // Counts.
        hostile("18446744073709551615 tensors", start(3, -1, 0)),
        hostile("100001 tensors, expected 100000 at most", start(3, 100_001, 0)),
        hostile("1000 tensors would take 33000 bytes, but the file ends after", start(3, 1000, 0)),
        hostile("9223372036854775807 keys", start(3, 0, Long.MAX_VALUE)),
        hostile("65536 keys would take 917504 bytes", start(3, 0, 65_536)),
        // Keys and texts.
        hostile("18446744073709551615 bytes of a key", key(-1, "")),
        hostile("65536 bytes of a key, expected 65535 at most", key(65_536, "x".repeat(70_000))),
        hostile("20 bytes of a key would take 20 bytes, but the file ends after 8", keyCut()),
        hostile("a key is not UTF-8", raw(head().number(2, 8).raw(new byte[] {-61, 40}), 40)),
        hostile("the value of \"k\" has the unknown type 13", raw(k().number(13, 4), 40)),
        hostile(
            "16000001 bytes of the value of \"k\"", raw(k().number(8, 4).number(16_000_001, 8), 9)),
        hostile(
            "the value of \"k\" is not UTF-8",
            raw(k().number(8, 4).number(1, 8).raw(new byte[] {-1}), 40)),
        hostile("\"k\" is 2, expected 0 or 1", raw(k().number(7, 4).number(2, 1), 40)),
        hostile(
            "\"k\" is 18446744073709551615, expected less than 2^63",
            raw(k().number(10, 4).number(-1, 8), 40)),
        hostile("it has the key \"k\" twice", twice()),
        // Lists.
        hostile("\"k\" is a list of lists", list(9, 1, 40)),
        hostile("the value of \"k\" has the unknown type 99", list(99, 1, 40)),
        hostile("18446744073709551615 entries of \"k\"", list(4, -1, 40)),
        hostile("2097153 entries of \"k\", expected 2097152 at most", list(0, 2_097_153, 40)),
        hostile("100 entries of \"k\" would take 400 bytes", list(4, 100, 40)),
        hostile("100 entries of \"k\" would take 800 bytes", list(8, 100, 40)),
        // Tensors.
        hostile(
            "65 bytes of a tensor's name, expected 64 at most", tensor("n".repeat(65), 1, 4, 0, 0)),
        hostile("the tensor \"w\" has no dimensions", tensor("w", 0, 4, 0, 0)),
        hostile("5 dimensions of \"w\", expected 4 at most", tensor("w", 5, 4, 0, 0)),
        hostile("4294967295 dimensions of \"w\"", tensor("w", -1, 4, 0, 0)),
        hostile("a dimension of the tensor \"w\" is 0", tensor("w", 1, 0, 0, 0)),
        hostile(
            "a dimension of the tensor \"w\" is 18446744073709551615", tensor("w", 1, -1, 0, 0)),
        hostile("has more than 2^63 - 1 bytes", tensor("w", 2, 1L << 40, 0, 0)),
        hostile("has more than 2^63 - 1 bytes", tensor("w", 1, 1L << 62, 0, 0)),
        hostile("\"w\" is of type IQ4_XS; read are F32, F16", tensor("w", 1, 256, 23, 0)),
        hostile("\"w\" is of type Q2_K; read are F32, F16", tensor("w", 1, 256, 10, 0)),
        hostile("\"w\" is of type number 41", tensor("w", 1, 256, 41, 0)),
        hostile("\"w\" is of type number 4294967295", tensor("w", 1, 256, -1, 0)),
        hostile(
            "rows of the tensor \"w\" have 48 numbers, expected a multiple of 32",
            tensor("w", 1, 48, 2, 0)),
        hostile(
            "rows of the tensor \"w\" have 128 numbers, expected a multiple of 256",
            tensor("w", 1, 128, 12, 0)),
        hostile(
            "truncated: the tensor \"w\" takes 400 bytes, but the file ends after 32",
            tensor("w", 1, 100, 0, 0)),
        hostile(
            "begins at byte 32 of the data, expected 0, where the header ends: hole",
            tensor("w", 1, 4, 0, 32)),
        hostile(
            "begins at byte 4 of the data, expected 0, where the header ends: not aligned to 32",
            tensor("w", 1, 4, 0, 4)),
        hostile(
            "begins at byte 18446744073709551584 of the data, expected 0",
            tensor("w", 1, 4, 0, -32)),
        hostile(
            "it has the tensor \"w\" twice",
            new GgufBuilder().tensor("w", 0, 4).tensor("w", 0, 4).bytes()),
        hostile("begins at byte 0 of the data, expected 32, where \"a\" ends: overlap", overlap()),
        hostile(
            "bytes that belong to no tensor",
            joined(new GgufBuilder().tensor("w", 0, 4).bytes(), new byte[32])),
        // Alignment.
        hostile(
            "general.alignment is 24, expected a power of two from 8",
            new GgufBuilder().with("general.alignment", 24).bytes()),
        hostile(
            "general.alignment is 4, expected",
            new GgufBuilder().with("general.alignment", 4).bytes()),
        hostile(
            "general.alignment is \"0\", expected a whole number",
            new GgufBuilder().with("general.alignment", "0").bytes()),
        hostile(
            "general.alignment is 4294967295, expected a whole number",
            new GgufBuilder().with("general.alignment", -1).bytes()));
  }

  @ParameterizedTest
  @MethodSource("headers")
  void isRefusedByName(String message, byte[] content) {
    Path file = GgufBuilder.write(folder, content);
    assertThatThrownBy(() -> GgufFile.open(file).close())
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(message);
  }

  @Test
  void filesThatAreNoneAreRefused() throws IOException {
    assertThatThrownBy(() -> GgufFile.open(folder.resolve("missing.gguf")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("missing.gguf does not exist, expected a GGUF file");
    assertThatThrownBy(() -> GgufFile.open(folder))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("is not a file");
    Path pointer = folder.resolve("pointer.gguf");
    Files.writeString(
        pointer, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n");
    assertThatThrownBy(() -> GgufFile.open(pointer))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("git lfs pull");
  }

  @Test
  void aClaimedSizeIsNotAllocated() throws IOException {
    // A file with room for what it claims, of which the disk holds the beginning only.
    Path file = GgufBuilder.write(folder, list(4, 2_097_152, 0));
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(1L << 40);
    }
    assertThatThrownBy(() -> GgufFile.open(file).close()).isInstanceOf(InputException.class);
    Path texts = GgufBuilder.write(folder, raw(k().number(8, 4).number(1L << 39, 8), 0));
    try (RandomAccessFile sparse = new RandomAccessFile(texts.toFile(), "rw")) {
      sparse.setLength(1L << 40);
    }
    assertThatThrownBy(() -> GgufFile.open(texts).close())
        .hasMessageContaining("549755813888 bytes of the value of \"k\"");
  }

  @Test
  void headersBeyondAHundredMillionBytesAreRefused() throws IOException {
    Path file = GgufBuilder.write(folder, start(3, 0, 8));
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.seek(sparse.length());
      for (int i = 0; i < 8; i++) {
        sparse.write(
            new GgufBuilder.Little().text("k" + i).number(8, 4).number(15_000_000, 8).bytes());
        sparse.seek(sparse.getFilePointer() + 15_000_000);
      }
      sparse.setLength(sparse.getFilePointer());
    }
    assertThatThrownBy(() -> GgufFile.open(file).close())
        .isInstanceOf(InputException.class)
        .hasMessageContaining("its header would go beyond 100000000 bytes with");
    Files.delete(file);
  }

  @TestFactory
  Stream<DynamicTest> anyDamageIsRefusedOrHarmless() throws IOException {
    byte[] valid = Files.readAllBytes(GgufGolden.file("blocks.gguf"));
    byte[] header = Arrays.copyOf(valid, 640);
    byte[] data = Arrays.copyOfRange(valid, 640, valid.length);
    return Stream.concat(
            BrokenBytes.of(valid, 7, 40).stream().map(each -> List.of(each.name(), each.content())),
            BrokenBytes.of(header, 8, 400).stream()
                .map(each -> List.of("header " + each.name(), joined(each.content(), data))))
        .map(
            each ->
                Outcome.test(
                    each.get(0).toString(),
                    () -> {
                      Path file = GgufBuilder.write(folder, (byte[]) each.get(1));
                      Outcome.of(ExitCode.INPUT, file.toString(), () -> readAll(file));
                      Files.delete(file);
                    }));
  }

  private static void readAll(Path path) {
    try (var file = GgufFile.open(path)) {
      for (GgufTensor tensor : file.tensors().values()) {
        int count = (int) tensor.elements();
        assertThat(count).isLessThanOrEqualTo(GgufFile.MOST_NUMBERS);
        file.read(tensor, 0, count, new float[count]);
      }
    }
  }

  private static Arguments hostile(String message, byte[] content) {
    return Arguments.of(message, content);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] start(int version, long tensors, long keys) {
    return new GgufBuilder.Little()
        .raw(bytes("GGUF"))
        .number(version, 4)
        .number(tensors, 8)
        .number(keys, 8)
        .bytes();
  }

  private static GgufBuilder.Little head(int keys) {
    return new GgufBuilder.Little().raw(start(3, 0, keys));
  }

  private static GgufBuilder.Little head() {
    return head(1);
  }

  /** The beginning of a file with the key k. */
  private static GgufBuilder.Little k() {
    return head().text("k");
  }

  private static byte[] raw(GgufBuilder.Little beginning, int more) {
    return beginning.raw(new byte[more]).bytes();
  }

  private static byte[] key(long length, String text) {
    return raw(head().number(length, 8).raw(bytes(text)), 40);
  }

  private static byte[] keyCut() {
    return head().number(20, 8).raw(bytes("abcdefgh")).bytes();
  }

  private static byte[] list(int type, long count, int more) {
    return raw(k().number(9, 4).number(type, 4).number(count, 8), more);
  }

  private static byte[] twice() {
    return raw(head(2).text("k").number(0, 4).number(0, 1).text("k").number(0, 4).number(0, 1), 40);
  }

  private static byte[] tensor(String name, int dimensions, long size, int type, long offset) {
    GgufBuilder.Little out = new GgufBuilder.Little().raw(start(3, 1, 0));
    out.text(name).number(dimensions, 4);
    for (int i = 0; i < Math.min(4, Math.max(0, dimensions)); i++) {
      out.number(size, 8);
    }
    return out.number(type, 4).number(offset, 8).pad().raw(new byte[32]).bytes();
  }

  private static byte[] overlap() {
    GgufBuilder.Little out = new GgufBuilder.Little().raw(start(3, 2, 0));
    for (String name : List.of("a", "b")) {
      out.text(name).number(1, 4).number(4, 8).number(0, 4).number(0, 8);
    }
    return out.pad().raw(new byte[32]).bytes();
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
