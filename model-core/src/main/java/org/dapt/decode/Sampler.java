package org.dapt.decode;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Decoding;
import org.dapt.backbone.Source;
import org.dapt.method.Predictor;
import org.dapt.tensor.Tensors;

/**
 * Top-k sampling: at every step a token is drawn from the k likeliest ones by their probabilities
 * among each other (Fan et al. 2018). The logits of tokens that an answer holds already are divided
 * by a penalty where they are positive and multiplied by it where they are negative (Keskar et al.
 * 2019).
 */
public final class Sampler {
  private final Backbone backbone;
  private final int maxNewTokens;
  private final int topK;
  private final double repetitionPenalty;

  /**
   * @param maxNewTokens most tokens of an answer, the end token included
   * @param topK number of tokens to draw from, at least 1
   * @param repetitionPenalty at least 1, which is none
   */
  public Sampler(Backbone backbone, int maxNewTokens, int topK, double repetitionPenalty) {
    this.backbone = backbone;
    this.maxNewTokens = maxNewTokens;
    this.topK = topK;
    this.repetitionPenalty = repetitionPenalty;
  }

  /**
   * Answers to the same prompt, one for each generator, which alone decides what is drawn. Equal
   * generators in the same place of as many give equal answers.
   *
   * @return token ids without end token
   */
  public List<int[]> sample(
      int[] prompt, Predictor predictor, List<? extends RandomGenerator> generators) {
    try (NoGradGuard guard = new NoGradGuard();
        PointerScope scope = new PointerScope()) {
      Source source = backbone.source(generators.stream().map(generator -> prompt).toList());
      List<List<Integer>> answers = new ArrayList<>();
      generators.forEach(generator -> answers.add(new ArrayList<>()));
      try (Decoding decoding = backbone.decode(source, predictor.adapt(source))) {
        new DecodingLoop(maxNewTokens, backbone.endTokens(), backbone.placement())
            .extend(decoding, answers, (logits, alive) -> draw(logits, alive, answers, generators));
      }
      return answers.stream()
          .map(answer -> answer.stream().mapToInt(Integer::intValue).toArray())
          .toList();
    }
  }

  private long[] draw(
      Tensor logits,
      int[] alive,
      List<List<Integer>> answers,
      List<? extends RandomGenerator> generators) {
    Tensor penalised = penalise(logits.to(torch.ScalarType.Double), alive, answers);
    int kept = (int) Math.min(topK, penalised.size(1));
    T_TensorTensor_T best = torch.topk(penalised, kept, 1, true, true);
    double[] weights = Tensors.toDoubles(best.get0().softmax(1));
    long[] ids = Tensors.toLongs(best.get1());
    long[] drawn = new long[alive.length];
    for (int row = 0; row < alive.length; row++) {
      double left = generators.get(alive[row]).nextDouble();
      int choice = 0;
      while (choice < kept - 1 && left >= weights[row * kept + choice]) {
        left -= weights[row * kept + choice];
        choice++;
      }
      drawn[row] = ids[row * kept + choice];
    }
    return drawn;
  }

  /** Rows that are alive hold equally many tokens: together they are a matrix. */
  private Tensor penalise(Tensor logits, int[] alive, List<List<Integer>> answers) {
    if (repetitionPenalty == 1 || answers.get(alive[0]).isEmpty()) {
      return logits;
    }
    List<int[]> held = new ArrayList<>();
    for (int example : alive) {
      held.add(answers.get(example).stream().mapToInt(Integer::intValue).toArray());
    }
    Tensor ids = backbone.placement().padded(held, 0);
    Tensor before = logits.gather(1, ids);
    Tensor after =
        torch.where(
            before.gt(new Scalar(0)),
            before.div(new Scalar(repetitionPenalty)),
            before.mul(new Scalar(repetitionPenalty)));
    return logits.scatter(1, ids, after);
  }
}
