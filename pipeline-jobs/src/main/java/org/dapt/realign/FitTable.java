package org.dapt.realign;

import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The columns of the table that a selection module is fitted to. */
public final class FitTable {
  /** The task whose replayed input it is. */
  public static final String TASK = "task";

  /** Which of the task's inputs, from 0. */
  public static final String INDEX = "index";

  /** What the attention sees of the input: d numbers. */
  public static final String SEEN = "seen";

  /** The attention that it shall have: T numbers that add up to 1. */
  public static final String TARGET = "target";

  /** What its divergence counts in the loss. */
  public static final String SHARE = "share";

  /** All of them, in their order. */
  public static final StructType COLUMNS =
      new StructType()
          .add(TASK, DataTypes.StringType, false)
          .add(INDEX, DataTypes.IntegerType, false)
          .add(SEEN, DataTypes.createArrayType(DataTypes.FloatType, false), false)
          .add(TARGET, DataTypes.createArrayType(DataTypes.DoubleType, false), false)
          .add(SHARE, DataTypes.DoubleType, false);

  private FitTable() {}
}
