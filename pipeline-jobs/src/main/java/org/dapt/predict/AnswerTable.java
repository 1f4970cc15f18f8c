package org.dapt.predict;

import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The columns of predictions, which as JSON are fields of the same names. */
final class AnswerTable {
  /** Place of the row among all inputs. */
  static final String INDEX = "index";

  /** The row's own name, else the index. */
  static final String ID = "id";

  /** The text without instruction. */
  static final String INPUT = "input";

  /** The answer. */
  static final String PREDICTION = "prediction";

  /** The task whose block has the largest weight. */
  static final String CHOSEN_TASK = "chosen_task";

  /** The attention weights, by task. */
  static final String WEIGHTS = "weights";

  /** Tokens that the model was given. */
  static final String SOURCE_TOKENS = "source_tokens";

  /** Whether the source was too long. */
  static final String CUT = "cut";

  /** Tokens of the answer. */
  static final String GENERATED_TOKENS = "generated_tokens";

  /** Why there is no answer. */
  static final String ERROR = "error";

  /** As Spark reads them. */
  static final StructType COLUMNS =
      new StructType()
          .add(INDEX, DataTypes.LongType, false)
          .add(ID, DataTypes.StringType, false)
          .add(INPUT, DataTypes.StringType, true)
          .add(PREDICTION, DataTypes.StringType, true)
          .add(CHOSEN_TASK, DataTypes.StringType, true)
          .add(
              WEIGHTS,
              DataTypes.createMapType(DataTypes.StringType, DataTypes.DoubleType, false),
              true)
          .add(SOURCE_TOKENS, DataTypes.IntegerType, false)
          .add(CUT, DataTypes.BooleanType, false)
          .add(GENERATED_TOKENS, DataTypes.IntegerType, false)
          .add(ERROR, DataTypes.StringType, true);

  /** As Parquet files have them. */
  static final MessageType IN_FILE =
      new MessageType(
          "prediction",
          Types.required(PrimitiveTypeName.INT64).named(INDEX),
          Types.required(PrimitiveTypeName.BINARY).as(text()).named(ID),
          Types.optional(PrimitiveTypeName.BINARY).as(text()).named(INPUT),
          Types.optional(PrimitiveTypeName.BINARY).as(text()).named(PREDICTION),
          Types.optional(PrimitiveTypeName.BINARY).as(text()).named(CHOSEN_TASK),
          Types.optionalMap()
              .key(Types.required(PrimitiveTypeName.BINARY).as(text()).named("key"))
              .value(Types.required(PrimitiveTypeName.DOUBLE).named("value"))
              .named(WEIGHTS),
          Types.required(PrimitiveTypeName.INT32).named(SOURCE_TOKENS),
          Types.required(PrimitiveTypeName.BOOLEAN).named(CUT),
          Types.required(PrimitiveTypeName.INT32).named(GENERATED_TOKENS),
          Types.optional(PrimitiveTypeName.BINARY).as(text()).named(ERROR));

  private AnswerTable() {}

  private static LogicalTypeAnnotation text() {
    return LogicalTypeAnnotation.stringType();
  }
}
