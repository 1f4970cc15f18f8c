package org.dapt.pet;

import java.util.Arrays;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.backbone.Backbone;
import org.dapt.error.InputException;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Tensors;

/**
 * One soft prompt: embeddings that stand in front of an input's own (Lester et al. 2021).
 *
 * @param prompt {@code [length, d]}
 */
public record PromptBlock(Tensor prompt) {
  private static final long SPREAD = 1_000;

  /** The name of the tensor. */
  public static final String PROMPT = "prompt";

  /**
   * Initial values of a block: the frozen embeddings of tokens drawn from the vocabulary, so that a
   * new prompt lies where the model's inputs lie.
   */
  public static PromptBlock initial(Backbone backbone, int length, RandomGenerator random) {
    long[] ids = random.ints(length, 0, backbone.vocabulary()).asLongStream().toArray();
    Placement placement = backbone.placement();
    return new PromptBlock(backbone.embed(placement.indices(ids)).to(placement.learnt()));
  }

  /**
   * How large the entries of the model's token embeddings are: their root mean square, over tokens
   * that are spread over the vocabulary. It is the unit in which steps of prompts are told, for
   * models differ in it a hundredfold.
   */
  public static double size(Backbone backbone) {
    long[] ids =
        LongStream.range(0, Math.min(SPREAD, backbone.vocabulary()))
            .map(i -> i * backbone.vocabulary() / Math.min(SPREAD, backbone.vocabulary()))
            .toArray();
    try (PointerScope scope = new PointerScope()) {
      return Math.sqrt(
          backbone
              .embed(backbone.placement().indices(ids))
              .to(ScalarType.Double)
              .square()
              .mean()
              .item_double());
    }
  }

  /**
   * The block made of {@code tensors}, which hold {@code prompt}.
   *
   * @param length expected number of embeddings
   * @param width expected size of an embedding
   * @param origin where the block was read from, for the message
   * @throws InputException where the prompt is missing or has another shape
   */
  public static PromptBlock of(
      Map<String, Tensor> tensors, long length, long width, String origin) {
    Tensor prompt = tensors.get(PROMPT);
    if (prompt == null) {
      throw new InputException(
          "%s: holds no tensor %s but %s; it is no block of soft prompts"
              .formatted(origin, PROMPT, tensors.keySet().stream().sorted().limit(3).toList()));
    }
    long[] shape = Tensors.shape(prompt);
    if (!Arrays.equals(shape, new long[] {length, width})) {
      throw new InputException(
          "%s: the prompt has shape %s, expected [%d, %d]; the block belongs to another base model or prompt.length"
              .formatted(origin, Arrays.toString(shape), length, width));
    }
    return new PromptBlock(prompt);
  }

  /** Its tensor by name. */
  public Map<String, Tensor> tensors() {
    return Map.of(PROMPT, prompt);
  }
}
