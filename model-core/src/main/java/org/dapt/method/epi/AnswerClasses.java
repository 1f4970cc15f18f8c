package org.dapt.method.epi;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.backbone.Source;
import org.dapt.method.Example;
import org.dapt.method.InputPass;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Tensors;

/**
 * The classes of a task's examples: one for each different answer. Where there are more answers
 * than classes, the most frequent ones have a class each and all others are one together.
 *
 * <p>A pass over the training examples counts the answers by a hash of 18 bits, so that all ranks
 * number them alike and no answer is sent. Of 20 answers two have the same hash once in 1,400
 * tasks, and are then one class.
 */
final class AnswerClasses {
  private static final int BITS = 18;

  /** Different hashes: more classes than these are not told apart. */
  static final int HASHES = 1 << BITS;

  private final int most;
  private final Placement placement;

  /** The class of each hash that has one of its own; empty before the pass. */
  private final Map<Integer, Integer> classes = new HashMap<>();

  /**
   * Classes that are yet to be found.
   *
   * @param most classes, at least 1
   */
  AnswerClasses(int most, Placement placement) {
    this.most = most;
    this.placement = placement;
  }

  /** The class of an example of the task, from 0. */
  int of(Example example) {
    return classes.getOrDefault(hash(example), most - 1);
  }

  /** What has to be passed over before the classes are asked for: nothing where there is one. */
  List<InputPass> before() {
    return most == 1 ? List.of() : List.of(new Counting());
  }

  private static int hash(Example example) {
    // Spread, because the hash of an array of few small numbers is a small number.
    return (Arrays.hashCode(example.target()) * 0x9E3779B9) >>> (Integer.SIZE - BITS);
  }

  private final class Counting implements InputPass {
    @Override
    public Over over() {
      return Over.TRAINING;
    }

    @Override
    public int entries() {
      return HASHES;
    }

    @Override
    public Tensor of(Source source, List<Example> examples) {
      double[] counts = new double[HASHES];
      examples.forEach(example -> counts[hash(example)]++);
      return placement.of(ScalarType.Double, counts, HASHES);
    }

    @Override
    public void take(Tensor sums) {
      double[] counts = Tensors.toDoubles(sums);
      List<Integer> answers =
          IntStream.range(0, HASHES)
              .filter(hash -> counts[hash] > 0)
              .boxed()
              .sorted((one, other) -> Double.compare(counts[other], counts[one]))
              .toList();
      int own = answers.size() <= most ? answers.size() : most - 1;
      classes.clear();
      answers.subList(0, own).forEach(hash -> classes.put(hash, classes.size()));
    }
  }
}
