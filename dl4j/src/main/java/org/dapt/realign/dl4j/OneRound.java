package org.dapt.realign.dl4j;

import org.apache.spark.api.java.JavaRDDLike;
import org.apache.spark.broadcast.Broadcast;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.spark.api.RDDTrainingApproach;
import org.deeplearning4j.spark.api.Repartition;
import org.deeplearning4j.spark.api.WorkerConfiguration;
import org.deeplearning4j.spark.api.worker.NetBroadcastTuple;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingWorker;

/**
 * Parameter averaging in rounds of one step: every shard's worker takes one step over all rows of
 * its shard, and parameters are averaged. Other than its superclass it counts no rows in a job of
 * its own before every round, and frees what a round has sent to the executors.
 */
final class OneRound extends ParameterAveragingTrainingMaster implements AutoCloseable {
  private final int shards;
  private final WorkerConfiguration work;
  private transient Broadcast<NetBroadcastTuple> sent;

  /**
   * Rounds over as many partitions as there are shards, with one batch in each.
   *
   * @param rowsOfEach how many rows a batch has
   */
  OneRound(int shards, int rowsOfEach) {
    super(
        new Builder(shards, rowsOfEach)
            .batchSizePerWorker(rowsOfEach)
            .averagingFrequency(1)
            // Plain descent has no state.
            .saveUpdater(false)
            .workerPrefetchNumBatches(0)
            // The shards lie where they shall.
            .repartionData(Repartition.Never)
            .storageLevel(null)
            .rddTrainingApproach(RDDTrainingApproach.Direct));
    this.shards = shards;
    this.work = new WorkerConfiguration(true, rowsOfEach, rowsOfEach, 1, 0, false);
  }

  @Override
  protected <T, R extends JavaRDDLike<T, R>> long getTotalDataSetObjectCount(
      JavaRDDLike<T, R> data) {
    return shards;
  }

  @Override
  public ParameterAveragingTrainingWorker getWorkerInstance(SparkComputationGraph graph) {
    close();
    ComputationGraph network = graph.getNetwork();
    sent =
        graph
            .getSparkContext()
            .broadcast(new NetBroadcastTuple(network.getConfiguration(), network.params(), null));
    return new ParameterAveragingTrainingWorker(sent, false, work, null, null, null);
  }

  /** Frees what the last round has sent. */
  @Override
  public void close() {
    if (sent != null) {
      sent.destroy();
      sent = null;
    }
  }
}
