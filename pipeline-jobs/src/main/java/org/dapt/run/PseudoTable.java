package org.dapt.run;

import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Pseudo samples of a learnt task, a row for each. */
public final class PseudoTable {
  /** The task that they are of. */
  public static final String TASK = "task";

  /** Which of the samples that are wanted. */
  public static final String INDEX = "index";

  /** What is to be done. */
  public static final String INSTRUCTION = "instruction";

  /** The input. */
  public static final String INPUT = "input";

  /** The answer; null where the generator gave none. */
  public static final String OUTPUT = "output";

  /** The attempt that gave it, from 1. */
  public static final String ATTEMPT = "attempt";

  /** The columns in the files. */
  public static final StructType COLUMNS =
      new StructType()
          .add(TASK, DataTypes.StringType, false)
          .add(INDEX, DataTypes.IntegerType, false)
          .add(INSTRUCTION, DataTypes.StringType, false)
          .add(INPUT, DataTypes.StringType, false)
          .add(OUTPUT, DataTypes.StringType, true)
          .add(ATTEMPT, DataTypes.IntegerType, false);

  private PseudoTable() {}
}
