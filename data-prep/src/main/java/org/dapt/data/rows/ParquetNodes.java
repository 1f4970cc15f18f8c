package org.dapt.data.rows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.ListLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type;

/** Records of Parquet as JSON. */
final class ParquetNodes {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private ParquetNodes() {}

  /** A record by the names of its columns; columns without a value are left out. */
  static ObjectNode row(Group record) {
    ObjectNode row = NODES.objectNode();
    GroupType type = record.getType();
    for (int field = 0; field < type.getFieldCount(); field++) {
      Type column = type.getType(field);
      int values = record.getFieldRepetitionCount(field);
      if (column.isRepetition(Type.Repetition.REPEATED)) {
        ArrayNode list = NODES.arrayNode();
        for (int i = 0; i < values; i++) {
          list.add(value(record, field, i));
        }
        row.set(column.getName(), list);
      } else if (values > 0) {
        row.set(column.getName(), value(record, field, 0));
      }
    }
    return row;
  }

  private static JsonNode value(Group record, int field, int index) {
    Type type = record.getType().getType(field);
    if (type.isPrimitive()) {
      return primitive(record, field, index, type.asPrimitiveType());
    }
    Group group = record.getGroup(field, index);
    return type.getLogicalTypeAnnotation() instanceof ListLogicalTypeAnnotation
        ? list(group)
        : row(group);
  }

  /** A list has a repeated group of one element each, in old files the elements themselves. */
  private static ArrayNode list(Group group) {
    ArrayNode list = NODES.arrayNode();
    Type repeated = group.getType().getType(0);
    boolean wrapped =
        !repeated.isPrimitive()
            && repeated.asGroupType().getFieldCount() == 1
            && !repeated.getName().equals("array")
            && !repeated.getName().endsWith("_tuple");
    for (int i = 0; i < group.getFieldRepetitionCount(0); i++) {
      if (!wrapped) {
        list.add(value(group, 0, i));
      } else {
        Group element = group.getGroup(0, i);
        list.add(element.getFieldRepetitionCount(0) == 0 ? NODES.nullNode() : value(element, 0, 0));
      }
    }
    return list;
  }

  private static JsonNode primitive(Group record, int field, int index, PrimitiveType type) {
    LogicalTypeAnnotation logical = type.getLogicalTypeAnnotation();
    return switch (type.getPrimitiveTypeName()) {
      case BOOLEAN -> NODES.booleanNode(record.getBoolean(field, index));
      case INT32 ->
          logical instanceof DecimalLogicalTypeAnnotation decimal
              ? NODES.numberNode(
                  BigDecimal.valueOf(record.getInteger(field, index), decimal.getScale()))
              : NODES.numberNode(
                  isUnsigned(logical)
                      ? Integer.toUnsignedLong(record.getInteger(field, index))
                      : record.getInteger(field, index));
      case INT64 -> whole(record.getLong(field, index), logical);
      case FLOAT -> NODES.numberNode(record.getFloat(field, index));
      case DOUBLE -> NODES.numberNode(record.getDouble(field, index));
      case BINARY, FIXED_LEN_BYTE_ARRAY -> binary(record, field, index, logical);
      case INT96 -> NODES.binaryNode(record.getInt96(field, index).getBytes());
    };
  }

  private static JsonNode whole(long value, LogicalTypeAnnotation logical) {
    if (logical instanceof DecimalLogicalTypeAnnotation decimal) {
      return NODES.numberNode(BigDecimal.valueOf(value, decimal.getScale()));
    }
    return isUnsigned(logical)
        ? NODES.numberNode(new BigInteger(Long.toUnsignedString(value)))
        : NODES.numberNode(value);
  }

  private static boolean isUnsigned(LogicalTypeAnnotation logical) {
    return logical instanceof IntLogicalTypeAnnotation whole && !whole.isSigned();
  }

  /** Old writers of texts say nothing of what bytes are. */
  private static JsonNode binary(
      Group record, int field, int index, LogicalTypeAnnotation logical) {
    if (logical instanceof DecimalLogicalTypeAnnotation decimal) {
      return NODES.numberNode(
          new BigDecimal(
              new BigInteger(record.getBinary(field, index).getBytes()), decimal.getScale()));
    }
    return NODES.textNode(record.getBinary(field, index).toStringUsingUTF8());
  }
}
