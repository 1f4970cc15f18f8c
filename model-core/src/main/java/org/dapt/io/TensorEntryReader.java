package org.dapt.io;

import static org.dapt.io.SafetensorsDamage.quoted;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.dapt.error.InputException;
import org.dapt.error.Shown;

/** Reads what a safetensors header says about one tensor, and checks that it fits together. */
record TensorEntryReader(SafetensorsDamage damage) {
  /**
   * Reads the entry of the tensor {@code name}, a JSON object that {@code parser} has just begun.
   *
   * @throws InputException if type, shape or place is missing or wrong, or they contradict
   */
  TensorInfo read(String name, JsonParser parser) throws IOException {
    Dtype dtype = null;
    long[] shape = null;
    long[] offsets = null;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String field = parser.getCurrentName();
      parser.nextToken();
      switch (field) {
        case "dtype" -> dtype = dtype(name, parser);
        case "shape" -> shape = naturals(name, field, parser);
        case "data_offsets" -> offsets = naturals(name, field, parser);
        default -> parser.skipChildren();
      }
    }
    if (dtype == null || shape == null || offsets == null) {
      throw damage.found(
          "tensor %s lacks one of dtype, shape and data_offsets".formatted(quoted(name)));
    }
    if (offsets.length != 2 || offsets[0] > offsets[1]) {
      throw damage.found(
          "tensor %s has data_offsets %s, expected [begin, end]"
              .formatted(quoted(name), Shown.of(Arrays.toString(offsets))));
    }
    long size;
    try {
      size = TensorInfo.byteSize(dtype, shape);
    } catch (ArithmeticException e) {
      throw damage.found(
          "the shape %s of tensor %s overflows"
              .formatted(Shown.of(Arrays.toString(shape)), quoted(name)),
          e);
    }
    if (offsets[1] - offsets[0] != size) {
      throw damage.found(
          "tensor %s has %d bytes, but its shape %s of %s takes %d"
              .formatted(
                  quoted(name),
                  offsets[1] - offsets[0],
                  Shown.of(Arrays.toString(shape)),
                  dtype,
                  size));
    }
    return new TensorInfo(name, dtype, shape, offsets[0], offsets[1]);
  }

  private Dtype dtype(String name, JsonParser parser) throws IOException {
    String found = parser.getText();
    for (Dtype dtype : Dtype.values()) {
      if (parser.currentToken() == JsonToken.VALUE_STRING && dtype.name().equals(found)) {
        return dtype;
      }
    }
    throw new InputException(
        "%s: tensor %s has dtype %s, expected one of %s. Convert the file to one of these types."
            .formatted(
                damage.origin(), quoted(name), quoted(found), Arrays.toString(Dtype.values())));
  }

  private long[] naturals(String name, String field, JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw damage.found("%s of tensor %s is not a list".formatted(field, quoted(name)));
    }
    List<Long> values = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      boolean natural =
          parser.currentToken() == JsonToken.VALUE_NUMBER_INT
              && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER
              && parser.getLongValue() >= 0;
      if (!natural) {
        throw damage.found(
            "%s of tensor %s holds %s, expected whole numbers from 0 to 2^63 - 1"
                .formatted(field, quoted(name), quoted(parser.getText())));
      }
      values.add(parser.getLongValue());
    }
    return values.stream().mapToLong(Long::longValue).toArray();
  }
}
