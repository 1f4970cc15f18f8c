package org.dapt.realign.dl4j;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;
import org.dapt.error.InputException;
import org.dapt.realign.FitPlan;
import org.dapt.realign.FitTable;
import org.dapt.realign.SelectionValues;
import org.dapt.spark.LiteralPaths;
import scala.Tuple2;

/**
 * The rows of a table in as many shards as compute at once, or more where a shard would be too
 * large, one in each partition. In the order of tasks and indices, so that it does not matter how
 * the table lies in files. They are kept until closed.
 */
final class Shards implements AutoCloseable {
  /** So many numbers are seen by a shard at most: 32 MB, of which a step needs a few copies. */
  private static final long NUMBERS = 1L << 22;

  private final JavaRDD<Shard> shards;
  private final int count;
  private final int rowsOfEach;
  private final double negativeEntropy;

  private Shards(JavaRDD<Shard> shards, int count, int rowsOfEach, double negativeEntropy) {
    this.shards = shards;
    this.count = count;
    this.rowsOfEach = rowsOfEach;
    this.negativeEntropy = negativeEntropy;
  }

  /**
   * Reads the rows of {@code plan}.
   *
   * @param fewest how many rows are worth a shard of their own
   * @throws InputException if there are more or fewer than it says, or one does not fit the module
   */
  static Shards read(FitPlan plan, int fewest) {
    SelectionValues start = plan.start();
    long most = Math.max(1, NUMBERS / start.width());
    long wanted = Math.max(1, Math.min(plan.parallelism(), plan.rows() / fewest));
    int rowsOfEach = Math.toIntExact(Math.min(most, quotient(plan.rows(), wanted)));
    int count = Math.toIntExact(quotient(plan.rows(), rowsOfEach));
    int tasks = start.tasks();
    int width = start.width();
    JavaRDD<Shard> shards =
        LiteralPaths.reader(plan.spark())
            .schema(FitTable.COLUMNS)
            .parquet(plan.inputs())
            .orderBy(FitTable.TASK, FitTable.INDEX)
            .toJavaRDD()
            .zipWithIndex()
            .mapToPair(row -> new Tuple2<>(row._2(), row._1()))
            .repartitionAndSortWithinPartitions(new InTurn(count, rowsOfEach))
            .mapPartitions(rows -> shard(rows, rowsOfEach, width, tasks), true)
            .persist(StorageLevel.MEMORY_AND_DISK());
    boolean complete = false;
    try {
      Tuple2<Long, Double> sums =
          shards
              .map(shard -> new Tuple2<>((long) shard.filled(), shard.negativeEntropy()))
              .reduce((one, other) -> new Tuple2<>(one._1() + other._1(), one._2() + other._2()));
      if (sums._1() != plan.rows()) {
        throw new InputException(
            "%s has %d rows, %d are expected. Fit again: the table is written anew."
                .formatted(plan.inputs(), sums._1(), plan.rows()));
      }
      complete = true;
      return new Shards(shards, count, rowsOfEach, sums._2());
    } finally {
      if (!complete) {
        shards.unpersist(false);
      }
    }
  }

  /** Rounded up. */
  private static long quotient(long number, long divisor) {
    return (number + divisor - 1) / divisor;
  }

  JavaRDD<Shard> rdd() {
    return shards;
  }

  /** How many there are; none is empty. */
  int count() {
    return count;
  }

  /** How many rows each has, with those that fill it up. */
  int rowsOfEach() {
    return rowsOfEach;
  }

  /** {@code Σ share · Σ target · log target}: what the divergence has beside the cross entropy. */
  double negativeEntropy() {
    return negativeEntropy;
  }

  @Override
  public void close() {
    shards.unpersist(false);
  }

  private static Iterator<Shard> shard(
      Iterator<Tuple2<Long, Row>> rows, int size, int width, int tasks) {
    float[] seen = new float[Math.multiplyExact(size, width)];
    double[] targets = new double[Math.multiplyExact(size, tasks)];
    double[] shares = new double[size];
    int filled = 0;
    while (rows.hasNext()) {
      if (filled == size) {
        throw new InputException("The table of inputs grew while it was read. Fit again.");
      }
      Row row = rows.next()._2();
      List<Float> x = row.getList(row.fieldIndex(FitTable.SEEN));
      List<Double> target = row.getList(row.fieldIndex(FitTable.TARGET));
      if (x.size() != width || target.size() != tasks) {
        throw new InputException(
            "Input %d of task %s has %d numbers and a target of %d, expected %d and %d. The table belongs to another model or run."
                .formatted(
                    row.<Integer>getAs(FitTable.INDEX),
                    row.<String>getAs(FitTable.TASK),
                    x.size(),
                    target.size(),
                    width,
                    tasks));
      }
      int at = filled * width;
      for (float number : x) {
        seen[at++] = number;
      }
      at = filled * tasks;
      for (double number : target) {
        targets[at++] = number;
      }
      shares[filled++] = row.<Double>getAs(FitTable.SHARE);
    }
    List<Shard> one = new ArrayList<>();
    if (filled > 0) {
      one.add(new Shard(filled, seen, targets, shares));
    }
    return one.iterator();
  }

  /** Rows go to partitions by their numbers, so many to each. */
  private static final class InTurn extends Partitioner {
    private static final long serialVersionUID = 1L;

    private final int partitions;
    private final int rowsOfEach;

    InTurn(int partitions, int rowsOfEach) {
      this.partitions = partitions;
      this.rowsOfEach = rowsOfEach;
    }

    @Override
    public int numPartitions() {
      return partitions;
    }

    @Override
    public int getPartition(Object key) {
      return (int) Math.min(partitions - 1, (Long) key / rowsOfEach);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof InTurn turn
          && turn.partitions == partitions
          && turn.rowsOfEach == rowsOfEach;
    }

    @Override
    public int hashCode() {
      return 31 * partitions + rowsOfEach;
    }
  }
}
