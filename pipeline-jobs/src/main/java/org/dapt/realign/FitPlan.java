package org.dapt.realign;

import org.apache.spark.sql.SparkSession;

/**
 * What an engine fits, and to what. The loss is {@code Σ share · KL(target ‖ w(x))} over all rows,
 * with {@code w(x) = softmax(q(x) Kᵀ / (temperature · √d))} and 0 log 0 = 0; the shares of all rows
 * add up to 1.
 *
 * @param spark the session
 * @param inputs a Parquet folder with the rows; its columns are those of {@link FitTable}
 * @param rows how many there are, at least 1
 * @param start where keys and query network start
 * @param temperature of the attention
 * @param steps how many steps of Adam are taken, each over all rows, without decay of weights
 * @param learningRate of all parameters alike
 * @param parallelism how many tasks may compute at once, at least 1
 */
public record FitPlan(
    SparkSession spark,
    String inputs,
    long rows,
    SelectionValues start,
    double temperature,
    int steps,
    double learningRate,
    int parallelism) {}
