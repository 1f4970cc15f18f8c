package org.dapt.hostile;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Damage to safetensors files: to the length of the header, the header, and the data behind it. */
public final class BrokenSafetensors {
  private static final long[] LENGTHS = {
    0,
    1,
    2,
    99_999_999,
    100_000_001,
    Integer.MAX_VALUE,
    1L << 32,
    -1,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  /** Tensors that take no or one byte, and shapes that no memory holds. */
  private static final List<String> TENSORS =
      List.of(
          tensor("F32", "[0]", 0),
          tensor("F32", "[0,9223372036854775807]", 0),
          tensor("F32", "[0,3037000500,3037000500]", 0),
          tensor("F32", "[0,9223372036854775807,9223372036854775807]", 0),
          tensor("F32", "[9223372036854775807,0]", 0),
          tensor("U8", "[" + "1,".repeat(99_999) + "1]", 1),
          tensor("U8", "[" + "1,".repeat(64) + "1]", 1),
          tensor("BOOL", "[1]", 1),
          tensor("I64", "[]", 8),
          tensor("F64", "[1,1,1]", 8));

  private BrokenSafetensors() {}

  /** Variants of {@code valid}, {@code fields} of them with a damaged entry of the header. */
  public static List<BrokenInput> of(byte[] valid, long seed, int fields) {
    int header = (int) ByteBuffer.wrap(valid).order(ByteOrder.LITTLE_ENDIAN).getLong();
    byte[] json = Arrays.copyOfRange(valid, 8, 8 + header);
    byte[] data = Arrays.copyOfRange(valid, 8 + header, valid.length);
    var broken = new ArrayList<>(BrokenBytes.of(valid, seed, 12));
    for (var input : BrokenBytes.of(json, seed, 12)) {
      broken.add(new BrokenInput("header " + input.name(), file(input.content(), data)));
    }
    for (var input : BrokenJson.of(json, seed, fields)) {
      broken.add(new BrokenInput("header: " + input.name(), file(input.content(), data)));
    }
    for (var length : LENGTHS) {
      var file = valid.clone();
      ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
      broken.add(new BrokenInput("header length " + length, file));
    }
    for (var tensor : TENSORS) {
      var at = tensor.indexOf('|');
      var content = tensor.substring(at + 1).getBytes(StandardCharsets.UTF_8);
      var name =
          "only " + content.length + " bytes of header: " + tensor.substring(at + 1, at + 50);
      broken.add(
          new BrokenInput(
              name, file(content, new byte[Integer.parseInt(tensor.substring(0, at))])));
    }
    return broken;
  }

  /** A file with this header and data. */
  public static byte[] file(byte[] header, byte[] data) {
    return ByteBuffer.allocate(8 + header.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .put(data)
        .array();
  }

  private static String tensor(String dtype, String shape, int bytes) {
    return "%d|{\"only\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[0,%1$d]}}"
        .formatted(bytes, dtype, shape);
  }
}
