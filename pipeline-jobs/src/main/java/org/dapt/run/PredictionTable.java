package org.dapt.run;

import java.util.stream.Stream;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.dapt.metric.AnswerMetric;

/**
 * The answers that an evaluation stores: a row for each test example, a folder for each step and
 * task.
 */
public final class PredictionTable {
  /** Place of the example in its split. */
  public static final String INDEX = "index";

  /** The example's own name. */
  public static final String ID = "id";

  /** Its text, without the template. */
  public static final String INPUT = "input";

  /** All outputs that are right. */
  public static final String REFERENCES = "references";

  /** The answer. */
  public static final String PREDICTION = "prediction";

  /** Its ROUGE-L, 0 to 1. */
  public static final String ROUGE_L = "rouge_l";

  /** 1 where it is one of the references, else 0. */
  public static final String EXACT_MATCH = "exact_match";

  /**
   * 1 where the largest attention weight is on the block of the example's task, else 0; or null.
   */
  public static final String SELECTED_OWN = "selected_own";

  /** The attention weights; null for methods without attention. */
  public static final String ATTENTION_WEIGHTS = "mixture";

  /** Its ROUGE-L for texts of any script, 0 to 1; only where that is the metric of the run. */
  public static final String ROUGE_L_UNICODE = "rouge_l_unicode";

  /** The columns that all files have. */
  public static final StructType COLUMNS =
      new StructType()
          .add(INDEX, DataTypes.LongType, false)
          .add(ID, DataTypes.StringType, false)
          .add(INPUT, DataTypes.StringType, false)
          .add(REFERENCES, DataTypes.createArrayType(DataTypes.StringType, false), false)
          .add(PREDICTION, DataTypes.StringType, false)
          .add(ROUGE_L, DataTypes.DoubleType, false)
          .add(EXACT_MATCH, DataTypes.DoubleType, false)
          .add(SELECTED_OWN, DataTypes.DoubleType, true)
          .add(ATTENTION_WEIGHTS, DataTypes.createArrayType(DataTypes.DoubleType, false), true);

  /** The columns that a file may have. */
  public static final StructType ALL = of(AnswerMetric.ROUGE_L_UNICODE);

  private PredictionTable() {}

  /** The columns of a run with {@code metric}. */
  public static StructType of(AnswerMetric metric) {
    return metric == AnswerMetric.ROUGE_L_UNICODE
        ? COLUMNS.add(ROUGE_L_UNICODE, DataTypes.DoubleType, false)
        : COLUMNS;
  }

  /** The columns of a run with {@code metric} after one more, which comes first. */
  public static StructType withFirst(String column, DataType type, AnswerMetric metric) {
    return new StructType(
        Stream.concat(
                Stream.of(DataTypes.createStructField(column, type, false)),
                Stream.of(of(metric).fields()))
            .toArray(StructField[]::new));
  }

  /** The column with the score of {@code metric}, which is one of those of answers. */
  public static String score(String metric) {
    return metric.replace('-', '_');
  }
}
