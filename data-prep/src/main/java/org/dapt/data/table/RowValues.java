package org.dapt.data.table;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.dapt.data.reader.WellFormedText;
import org.dapt.error.Shown;

/** What a row has in its fields. */
final class RowValues {
  /** As many as a number without an exponent may have. */
  private static final int MOST_DECIMALS = 1000;

  private RowValues() {}

  /** The value of {@code field}; null where there is none. */
  static JsonNode value(ObjectNode row, FieldNames names, Field field) {
    String name = names.of(field);
    if (name == null) {
      return null;
    }
    JsonNode value = row.get(name);
    if (value == null && name.contains(".")) {
      value = row;
      for (String part : name.split("\\.", -1)) {
        value = value == null ? null : value.get(part);
      }
    }
    return value == null || value.isNull() ? null : value;
  }

  /** A value that is a text, a number or a truth, as text; null where there is none. */
  static String text(ObjectNode row, FieldNames names, Field field) throws RowProblem {
    JsonNode value = value(row, names, field);
    return value == null ? null : text(value, names.of(field));
  }

  /** One or several texts; null where there is nothing. */
  static List<String> texts(ObjectNode row, FieldNames names, Field field) throws RowProblem {
    JsonNode value = value(row, names, field);
    if (value == null) {
      return null;
    }
    if (!value.isArray()) {
      return List.of(text(value, names.of(field)));
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode element : value) {
      if (element.isNull()) {
        throw new RowProblem(names.of(field) + " has null in its list");
      }
      texts.add(text(element, names.of(field)));
    }
    if (texts.isEmpty()) {
      throw new RowProblem(names.of(field) + " is an empty list, expected at least one text");
    }
    return texts;
  }

  static String text(JsonNode value, String name) throws RowProblem {
    if (!value.isValueNode() || value.isBinary()) {
      throw new RowProblem(
          "%s is %s, expected a text"
              .formatted(
                  name,
                  value.isObject()
                      ? "an object with " + Shown.of(fields(value))
                      : value.isArray() ? "a list" : "neither text nor number"));
    }
    if (value.isFloatingPointNumber() && !Double.isFinite(value.doubleValue())) {
      throw new RowProblem("%s is the number %s, expected a text".formatted(name, value.asText()));
    }
    return value.isFloatingPointNumber() ? decimal(value) : WellFormedText.of(value.asText());
  }

  /** With all its digits and without an exponent, unless there would be no end of zeros. */
  private static String decimal(JsonNode value) {
    BigDecimal exact = value.isBigDecimal() ? value.decimalValue() : new BigDecimal(value.asText());
    return exact.scale() > MOST_DECIMALS ? exact.toString() : exact.toPlainString();
  }

  private static String fields(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return String.join(", ", names);
  }
}
