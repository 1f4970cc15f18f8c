package org.dapt.decode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Decoding;
import org.dapt.backbone.MicroBatches;
import org.dapt.backbone.Source;
import org.dapt.method.Predictor;
import org.dapt.tensor.Tensors;

/**
 * Greedy decoding: at every step the most likely token, up to an end token or a number of tokens.
 * Inputs of like length are decoded together, and an example that has ended leaves its batch.
 */
public final class GreedyDecoder {
  private final Backbone backbone;
  private final int maxNewTokens;
  private final int batchTokens;
  private final Set<Integer> endTokens;

  /** A decoder that stops at the backbone's end tokens. */
  public GreedyDecoder(Backbone backbone, int maxNewTokens, int batchTokens) {
    this(backbone, maxNewTokens, batchTokens, backbone.endTokens());
  }

  /**
   * @param maxNewTokens most tokens of an answer, the end token included
   * @param batchTokens most source tokens of a batch, padding and prompts of the predictor included
   * @param endTokens ids that end an answer
   */
  public GreedyDecoder(
      Backbone backbone, int maxNewTokens, int batchTokens, Set<Integer> endTokens) {
    this.backbone = backbone;
    this.maxNewTokens = maxNewTokens;
    this.batchTokens = batchTokens;
    this.endTokens = Set.copyOf(endTokens);
  }

  /** The answers to {@code sources}, in their order. */
  public List<Decoded> decode(List<int[]> sources, Predictor predictor) {
    Decoded[] answers = new Decoded[sources.size()];
    List<Integer> order = IntStream.range(0, sources.size()).boxed().toList();
    for (List<Integer> batch :
        MicroBatches.byLength(
            order, i -> predictor.prefixLength() + sources.get(i).length, batchTokens)) {
      List<Decoded> decoded = decodeBatch(batch.stream().map(sources::get).toList(), predictor);
      for (int i = 0; i < batch.size(); i++) {
        answers[batch.get(i)] = decoded.get(i);
      }
    }
    return Arrays.asList(answers);
  }

  private List<Decoded> decodeBatch(List<int[]> sources, Predictor predictor) {
    try (NoGradGuard guard = new NoGradGuard();
        PointerScope scope = new PointerScope()) {
      Source source = backbone.source(sources);
      Tensor weights = predictor.attentionWeights(source);
      List<List<Integer>> answers = new ArrayList<>();
      sources.forEach(input -> answers.add(new ArrayList<>()));
      try (Decoding decoding = backbone.decode(source, predictor.adapt(source, weights))) {
        new DecodingLoop(maxNewTokens, endTokens, backbone.placement())
            .extend(decoding, answers, GreedyDecoder::likeliest);
      }
      List<List<Double>> rows = rows(weights, sources.size());
      return IntStream.range(0, sources.size())
          .mapToObj(
              i ->
                  new Decoded(
                      answers.get(i).stream().mapToInt(Integer::intValue).toArray(), rows.get(i)))
          .toList();
    }
  }

  private static long[] likeliest(Tensor logits, int[] alive) {
    // The first of several equal ones, as argmax gives, which takes five times as long in bfloat16.
    return Tensors.toLongs(logits.max(1).get1());
  }

  private static List<List<Double>> rows(Tensor weights, int rows) {
    List<List<Double>> all = new ArrayList<>();
    double[] flat = weights == null ? new double[0] : Tensors.toDoubles(weights);
    int columns = flat.length / rows;
    for (int i = 0; i < rows; i++) {
      all.add(Arrays.stream(flat, i * columns, (i + 1) * columns).boxed().toList());
    }
    return all;
  }
}
