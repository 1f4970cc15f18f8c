package org.dapt.io;

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
          "tensor "
              + SafetensorsDamage.quoted(name)
              + " lacks one of dtype, shape and data_offsets");
    }
    if (offsets.length != 2 || offsets[0] > offsets[1]) {
      throw damage.found(
          "tensor "
              + SafetensorsDamage.quoted(name)
              + " has data_offsets "
              + Shown.of(Arrays.toString(offsets))
              + ", expected [begin, end]");
    }
    long size;
    try {
      size = TensorInfo.byteSize(dtype, shape);
    } catch (ArithmeticException e) {
      throw damage.found(
          "the shape "
              + Shown.of(Arrays.toString(shape))
              + " of tensor "
              + SafetensorsDamage.quoted(name)
              + " overflows",
          e);
    }
    if (offsets[1] - offsets[0] != size) {
      throw damage.found(
          "tensor "
              + SafetensorsDamage.quoted(name)
              + " has "
              + (offsets[1] - offsets[0])
              + " bytes, but its shape "
              + Shown.of(Arrays.toString(shape))
              + " of "
              + dtype
              + " takes "
              + size);
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
        damage.origin()
            + ": tensor "
            + SafetensorsDamage.quoted(name)
            + " has dtype "
            + SafetensorsDamage.quoted(found)
            + ", expected one of "
            + Arrays.toString(Dtype.values())
            + ". Convert the file to one of these types.");
  }

  private long[] naturals(String name, String field, JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw damage.found(field + " of tensor " + SafetensorsDamage.quoted(name) + " is not a list");
    }
    List<Long> values = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      boolean natural =
          parser.currentToken() == JsonToken.VALUE_NUMBER_INT
              && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER
              && parser.getLongValue() >= 0;
      if (!natural) {
        throw damage.found(
            field
                + " of tensor "
                + SafetensorsDamage.quoted(name)
                + " holds "
                + SafetensorsDamage.quoted(parser.getText())
                + ", expected whole numbers from 0 to 2^63 - 1");
      }
      values.add(parser.getLongValue());
    }
    return values.stream().mapToLong(Long::longValue).toArray();
  }
}
