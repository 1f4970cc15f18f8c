package org.dapt.bigdl;

import com.intel.analytics.bigdl.dllib.optim.parameters.AllReduceParameter;
import com.intel.analytics.bigdl.dllib.tensor.Tensor;
import com.intel.analytics.bigdl.dllib.tensor.Tensor$;
import com.intel.analytics.bigdl.dllib.tensor.TensorNumericMath;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkEnv;
import org.apache.spark.serializer.SerializerInstance;
import org.bytedeco.javacpp.FloatPointer;
import org.dapt.exchange.ExchangeException;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * One rank's end of BigDL's AllReduceParameter for vectors of one length. BigDL cuts them into as
 * many slices as there are ranks, each of which is added up by one of them.
 *
 * <p>BigDL logs what fails in its threads and goes on: a sum that lacks a rank's part looks like
 * any other. So behind the numbers of every slice stands a mark, the same on all ranks and another
 * one in every sum: only where the sum of the marks is right has every rank's slice of this very
 * sum been added. BigDL adds a slice of one rank as a whole, in one thread and from the front.
 */
@SuppressWarnings({"unchecked", "rawtypes"})
final class SharedVector {
  /** From BigDL's own names of what javac cannot name. */
  private static final String NUMERIC =
      "com.intel.analytics.bigdl.dllib.tensor.TensorNumericMath$TensorNumeric$NumericFloat$";

  private final AllReduceParameter parameter;
  private final PinnedBlocks blocks;
  private final List<String> names;
  private final long length;
  private final int ranks;
  private final int slice;
  private final float[] values;
  private final Tensor tensor;
  private float mark = 1;
  private boolean pinned;

  /**
   * Made by every rank, in its task.
   *
   * @param id the same on all ranks, and of no other vector
   * @param length of the vectors, at least 1
   */
  SharedVector(long id, long length, int rank, int ranks, String compression, PinnedBlocks blocks) {
    this.length = length;
    this.ranks = ranks;
    this.slice = Math.toIntExact((length + ranks - 1) / ranks) + 1;
    this.values = new float[Math.multiplyExact(slice, ranks)];
    this.blocks = blocks;
    this.names = names(id, rank, ranks);
    ClassTag tag = ClassTag$.MODULE$.Float();
    TensorNumericMath.TensorNumeric numeric = numeric();
    this.tensor = Tensor$.MODULE$.apply(values, new int[] {values.length}, tag, numeric);
    // Only where it is deserialized does it learn of which rank it is.
    SerializerInstance serializer = SparkEnv.get().closureSerializer().newInstance();
    ClassTag type = ClassTag$.MODULE$.apply(AllReduceParameter.class);
    ByteBuffer bytes =
        serializer.serialize(
            new AllReduceParameter(id, ranks, values.length, 1, compression, tag, numeric), type);
    this.parameter =
        (AllReduceParameter)
            serializer.deserialize(bytes, SharedVector.class.getClassLoader(), type);
  }

  private static TensorNumericMath.TensorNumeric numeric() {
    try {
      return (TensorNumericMath.TensorNumeric) Class.forName(NUMERIC).getField("MODULE$").get(null);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("This is no BigDL 2.4.0: " + e, e);
    }
  }

  /** The blocks that this rank keeps for the others: one slice for each, and its sum. */
  private static List<String> names(long id, int rank, int ranks) {
    List<String> names = new ArrayList<>();
    for (int to = 0; to < ranks; to++) {
      names.add(id + "_" + to + "gradientBytes" + rank);
    }
    names.addAll(
        List.of(id + "weightBytes" + rank, id + "weights" + rank, id + "gradients" + rank));
    return names;
  }

  /**
   * Makes room for this rank's slice of the sums. Whatever calls BigDL is called in no Spark task.
   */
  void begin() {
    parameter.init(tensor, numeric());
  }

  /** Takes the numbers of this rank. */
  void take(FloatPointer numbers) {
    mark = 3 - mark;
    for (int rank = 0; rank < ranks; rank++) {
      numbers.getPointer(start(rank)).get(values, rank * slice, count(rank));
      values[(rank + 1) * slice - 1] = mark;
    }
  }

  /** Keeps this rank's numbers ready for the ranks that add them up. */
  void put() {
    parameter.putGradients(tensor);
    if (!pinned) {
      // BigDL finds them again and writes into them: once they are pinned they stay.
      for (String name : names) {
        if (!blocks.pin(name)) {
          throw new ExchangeException(
              "Spark's storage has no room for "
                  + 4L * slice
                  + " bytes of BigDL: raise spark.executor.memory (of the driver where the master"
                  + " is local)",
              null);
        }
      }
      pinned = true;
    }
  }

  /** Adds up the slice of this rank, and keeps the sum ready. All ranks have put their numbers. */
  void addUp() {
    parameter.aggregateGradientPartition(1);
    Tensor sum = parameter.gradientPartition();
    float marks = ((float[]) sum.storage().array())[slice - 1];
    if (marks != mark * ranks) {
      throw new ExchangeException(
          "BigDL did not add up what all ranks had put: the marks come to "
              + marks
              + ", not "
              + mark * ranks
              + ". The log of this process says what failed",
          null);
    }
    parameter.weightPartition().copy(sum);
    parameter.sendWeightPartition();
  }

  /** A checksum of the slice of this rank. */
  int ownChecksum() {
    return checksum((float[]) parameter.gradientPartition().storage().array(), 0, slice);
  }

  /** Gets the sum from all ranks, which have added up their slices. */
  void fetch() {
    parameter.getWeights(tensor).waitResult();
  }

  /** Gives the sum that was fetched. */
  void give(FloatPointer numbers) {
    for (int rank = 0; rank < ranks; rank++) {
      numbers.getPointer(start(rank)).put(values, rank * slice, count(rank));
    }
  }

  /** A checksum of the slice that came from {@code rank}. */
  int checksum(int rank) {
    return checksum(values, rank * slice, slice);
  }

  private static int checksum(float[] values, int first, int count) {
    int sum = 1;
    for (int i = first; i < first + count; i++) {
      sum = 31 * sum + Float.floatToRawIntBits(values[i]);
    }
    return sum;
  }

  /** Removes this rank's blocks. */
  void remove() {
    names.forEach(blocks::remove);
  }

  private long start(int rank) {
    return Math.min(length, (long) rank * (slice - 1));
  }

  private int count(int rank) {
    return (int) (start(rank + 1) - start(rank));
  }
}
