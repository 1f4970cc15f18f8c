package org.dapt.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.dapt.error.InputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Damaged and hostile files are refused with a message that names the file, whichever way they are
 * read.
 */
class SafetensorsHostileTest {
  @TempDir Path folder;

  static Stream<Arguments> headers() {
    String a = "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}";
    return Stream.of(
        hostile("[" + a + "]", 4, "does not start with {"),
        hostile(" {" + a + "}", 4, "does not start with {"),
        hostile("\ufeff{" + a + "}", 4, "does not start with {"),
        hostile("{" + a, 4, "not the expected JSON"),
        hostile("{" + a + "}}", 4, "not the expected JSON"),
        hostile("{" + a + "} {}", 4, "goes on behind the closing }"),
        hostile("{" + a + ",}", 4, "not the expected JSON"),
        hostile("{" + a + "}\0\0", 4, "not the expected JSON"),
        hostile("{'a':1}", 0, "not the expected JSON"),
        hostile("{" + a + "," + a + "}", 4, "Duplicate field 'a'"),
        hostile("{" + a + "," + a.replace("\"a\"", "\"\\u0061\"") + "}", 4, "Duplicate field 'a'"),
        hostile(tensor("F32", "[1]", "[0,4],\"dtype\":\"F32\""), 4, "Duplicate field 'dtype'"),
        hostile(tensor("F32", "[1],\"shape\":[1]", "[0,4]"), 4, "Duplicate field 'shape'"),
        hostile(
            tensor("F32", "[1]", "[0,4],\"data_offsets\":[0,4]"),
            4,
            "Duplicate field 'data_offsets'"),
        hostile("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0, "Duplicate field 'k'"),
        hostile("{\"__metadata__\":{\"k\":1}}", 0, "metadata value of \"k\" is not a string"),
        hostile("{\"__metadata__\":{\"k\":null}}", 0, "metadata value of \"k\" is not a string"),
        hostile("{\"__metadata__\":{\"k\":{}}}", 0, "metadata value of \"k\" is not a string"),
        hostile("{\"__metadata__\":\"k\"}", 0, "\"__metadata__\" is not an object"),
        hostile("{\"a\":[]}", 0, "\"a\" is not an object"),
        hostile("{\"a\":{}}", 0, "lacks one of dtype, shape and data_offsets"),
        hostile("{\"\\ud800\":{}}", 0, "surrogate"),
        hostile(tensor("F31", "[1]", "[0,4]"), 4, "dtype \"F31\", expected one of [I64, F64, F32"),
        hostile(tensor("f32", "[1]", "[0,4]"), 4, "dtype \"f32\""),
        hostile(
            "{\"x\":{\"dtype\":[\"F32\"],\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "dtype \"[\""),
        hostile(
            "{\"x\":{\"dtype\":null,\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "dtype \"null\""),
        hostile(tensor("F32", "1", "[0,4]"), 4, "shape of tensor \"x\" is not a list"),
        hostile(tensor("F32", "[-1]", "[0,4]"), 4, "shape of tensor \"x\" holds \"-1\""),
        hostile(tensor("F32", "[1.0]", "[0,4]"), 4, "holds \"1.0\""),
        hostile(tensor("F32", "[1e0]", "[0,4]"), 4, "holds \"1e0\""),
        hostile(tensor("F32", "[\"1\"]", "[0,4]"), 4, "holds \"1\""),
        hostile(tensor("F32", "[[1]]", "[0,4]"), 4, "holds \"[\""),
        hostile(
            tensor("F32", "[9223372036854775808]", "[0,4]"), 4, "holds \"9223372036854775808\""),
        hostile(tensor("F32", "[" + "9".repeat(5000) + "]", "[0,4]"), 4, "not the expected JSON"),
        hostile(tensor("F32", "[4611686018427387905]", "[0,4]"), 4, "overflows"),
        hostile(tensor("U8", "[4294967296,4294967296]", "[0,0]"), 0, "overflows"),
        hostile(tensor("U8", "[4294967296,4294967296,0]", "[0,0]"), 0, "overflows"),
        hostile(tensor("F32", "[1]", "[4,0]"), 4, "data_offsets [4, 0], expected [begin, end]"),
        hostile(tensor("F32", "[1]", "[0]"), 4, "data_offsets [0], expected [begin, end]"),
        hostile(tensor("F32", "[1]", "[0,4,4]"), 4, "data_offsets [0, 4, 4]"),
        hostile(tensor("F32", "[1]", "[-4,0]"), 4, "data_offsets of tensor \"x\" holds \"-4\""),
        hostile(tensor("F32", "[2]", "[0,4]"), 4, "has 4 bytes, but its shape [2] of F32 takes 8"),
        hostile(tensor("F16", "[1]", "[0,4]"), 4, "has 4 bytes, but its shape [1] of F16 takes 2"),
        hostile(tensor("F32", "[1]", "[4,8]"), 8, "hole"),
        hostile(tensor("F32", "[1]", "[9223372036854775803,9223372036854775807]"), 8, "hole"),
        hostile(
            "{" + a + ",\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[2,6]}}",
            6,
            "overlap"),
        hostile(
            "{" + a + ",\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}",
            4,
            "overlap"),
        hostile(
            "{" + a + ",\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[6,10]}}",
            10,
            "hole"),
        hostile("{" + a + "}", 5, "bytes that belong to no tensor"),
        hostile("{}", 1, "bytes that belong to no tensor"),
        hostile("{" + a + "}", 3, "truncated: the data has 3 bytes, the header describes 4"),
        hostile(tensor("I8", "[9000000000000000000]", "[0,9000000000000000000]"), 4, "truncated"));
  }

  @ParameterizedTest
  @MethodSource("headers")
  void refusesTheHeader(String header, int dataLength, String message) throws IOException {
    refused(file(header.getBytes(StandardCharsets.UTF_8), dataLength), message);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, Long.MIN_VALUE, Long.MAX_VALUE, 100_000_001, 0, 1, 3, 1000})
  void refusesAHeaderLengthThatCannotBe(long length) throws IOException {
    byte[] bytes = file(new byte[] {'{', '}'}, 0);
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
    refused(bytes, "header");
  }

  @Test
  void capsTheHeaderEvenIfTheFileIsThatLong() throws IOException {
    Path file = folder.resolve("sparse.safetensors");
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(300_000_000);
      sparse.writeLong(Long.reverseBytes(200_000_000));
    }
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("sparse.safetensors")
        .hasMessageContaining("200000000, expected 2 to 100000000");
  }

  @Test
  void refusesAHeaderThatIsNotUtf8() throws IOException {
    byte[] header =
        "{\"a?\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}"
            .getBytes(StandardCharsets.UTF_8);
    SafetensorsFile.parse(file(header, 0), "valid").close();
    header[3] = (byte) 0xc3;
    refused(file(header, 0), "not UTF-8");
    refused(file("{}".getBytes(StandardCharsets.UTF_16LE), 0), "not the expected JSON");
  }

  @Test
  void refusesNestingThatWouldExhaustTheStack() throws IOException {
    String deep =
        tensor("U8", "[0]", "[0,0],\"extra\":" + "[".repeat(100_000) + "]".repeat(100_000));
    refused(file(deep.getBytes(StandardCharsets.UTF_8), 0), "not the expected JSON");
  }

  @Test
  void refusesEveryTruncation() throws IOException {
    byte[] valid = valid();
    for (int length = 0; length < valid.length; length++) {
      byte[] cut = Arrays.copyOf(valid, length);
      assertThatThrownBy(() -> SafetensorsFile.parse(cut, "cut"))
          .as("%s bytes", cut.length)
          .isInstanceOf(InputException.class);
    }
    refused(Arrays.copyOf(valid, valid.length - 1), "truncated");
    refused(Arrays.copyOf(valid, 5), "it has 5 bytes");
  }

  @Test
  void ignoresFieldsThatLaterVersionsMayAdd() throws IOException {
    String header = tensor("F32", "[1]", "[0,4],\"stride\":[1],\"more\":{\"a\":[{}]}");
    try (SafetensorsFile file =
        SafetensorsFile.parse(file(header.getBytes(StandardCharsets.UTF_8), 4), "future")) {
      assertThat(file.info("x").shape()).containsExactly(1);
    }
  }

  @Test
  void shortensHostileNamesInMessages() {
    byte[] header = ("{\"" + "n".repeat(100_000) + "\":1}").getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> SafetensorsFile.parse(file(header, 0), "long"))
        .isInstanceOf(InputException.class)
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(1000));
  }

  /** Whatever is done to a valid file, it is read completely or refused. */
  @Test
  void mutationsAreReadOrRefused() {
    byte[] valid = valid();
    byte[] tokens = "{}[]\",:-0129eE.\\u ntf\0\u00ff".getBytes(StandardCharsets.ISO_8859_1);
    Random random = new Random(20240108);
    int read = 0;
    int refused = 0;
    for (int round = 0; round < 20_000; round++) {
      byte[] mutant = mutate(valid, tokens, random);
      try (SafetensorsFile file = SafetensorsFile.parse(mutant, "mutant")) {
        long bytes = 0;
        for (String name : file.names()) {
          bytes += file.data(name).remaining();
          assertThat(file.info(name).bytes()).isEqualTo(file.data(name).remaining());
        }
        assertThat(bytes).isLessThan(mutant.length);
        read++;
      } catch (InputException e) {
        assertThat(e).hasMessageContaining("mutant");
        refused++;
      }
    }
    assertThat(read).as("mutants read").isGreaterThan(100);
    assertThat(refused).as("mutants refused").isGreaterThan(1000);
  }

  private static byte[] mutate(byte[] valid, byte[] tokens, Random random) {
    byte[] mutant = valid.clone();
    int edits = 1 + random.nextInt(3);
    for (int edit = 0; edit < edits; edit++) {
      int at = random.nextInt(mutant.length);
      switch (random.nextInt(5)) {
        case 0 -> mutant[at] = (byte) random.nextInt(256);
        case 1 -> mutant[at] = tokens[random.nextInt(tokens.length)];
        case 2 -> mutant[at] ^= (byte) (1 << random.nextInt(8));
        case 3 -> {
          int from = random.nextInt(mutant.length);
          int length = Math.min(random.nextInt(24), mutant.length - Math.max(from, at));
          System.arraycopy(mutant, from, mutant, at, length);
        }
        default -> mutant = Arrays.copyOf(mutant, mutant.length + random.nextInt(9) - 4);
      }
    }
    return mutant;
  }

  private void refused(byte[] content, String message) throws IOException {
    assertThatThrownBy(() -> SafetensorsFile.parse(content, "the origin"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("the origin")
        .hasMessageContaining(message);
    Path file = Files.write(folder.resolve("hostile.safetensors"), content);
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(message);
  }

  private static byte[] valid() {
    return new SafetensorsWriter()
        .metadata(Map.of("format", "pt"))
        .add("a.weight", Dtype.F32, new long[] {2, 3}, ByteBuffer.allocate(24))
        .add("b", Dtype.BF16, new long[] {10}, ByteBuffer.allocate(20))
        .add("empty", Dtype.I64, new long[] {0}, ByteBuffer.allocate(0))
        .toBytes();
  }

  private static Arguments hostile(String header, int dataLength, String message) {
    return Arguments.of(header, dataLength, message);
  }

  private static String tensor(String dtype, String shape, String offsets) {
    return "{\"x\":{\"dtype\":\""
        + dtype
        + "\",\"shape\":"
        + shape
        + ",\"data_offsets\":"
        + offsets
        + "}}";
  }

  private static byte[] file(byte[] header, int dataLength) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).array());
    out.writeBytes(header);
    out.writeBytes(new byte[dataLength]);
    return out.toByteArray();
  }
}
