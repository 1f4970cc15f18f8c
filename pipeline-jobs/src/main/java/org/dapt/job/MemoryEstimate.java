package org.dapt.job;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.dapt.backbone.Projection;
import org.dapt.config.DaptConfig;
import org.dapt.config.SelectedParameters;
import org.dapt.gang.MemoryNeed;
import org.dapt.io.ModelFolder;
import org.dapt.method.ContinualMethod;
import org.dapt.method.ContinualMethods;
import org.dapt.method.Sections;
import org.dapt.pet.LoraTargets;
import org.dapt.tensor.ComputeType;

/**
 * How much memory outside the Java heap training a model and answering with it take, part by part
 * in bytes, from the shapes of its tensors alone. What was measured beside it is in
 * docs/performance.md.
 *
 * @param weights the frozen weights, once for each process and device
 * @param blocks in a rank: the block that learns, in the type of what is learnt, and those of the
 *     tasks before, with what the method keeps beside them
 * @param optimizer in a rank: gradients, AdamW's two moments, and the best parameters on dev where
 *     those are kept
 * @param activations in a rank: what a micro-batch leaves behind for the way back; where dev
 *     decides, {@code cache} if that is more, because answers and steps take turns
 * @param sums in a rank: what a pass over a task's examples adds up, once; before the first step
 *     and after the last, when there is neither optimizer nor activations
 * @param cache in a task that answers: keys and values in every layer, one layer's activations and
 *     attention weights, and the logits of each example
 * @param beside whether inputs are answered while ranks learn
 */
public record MemoryEstimate(
    long weights,
    long blocks,
    long optimizer,
    long activations,
    long sums,
    long cache,
    boolean beside) {
  /** A pass has its sums, its own part, a batch's, and zeros in place of other ranks' parts. */
  private static final int COPIES = 4;

  /** Of these on a GPU: its own part and a batch's. */
  private static final int COPIES_ON_GPU = 2;

  /** The rest of them, and the part on its way. */
  private static final int COPIES_BESIDE_GPU = 3;

  /** What libtorch, its libraries and the JVM take before there is a tensor. */
  private static final long RUNTIME = 400L << 20;

  /** The same where libtorch computes on a GPU: CUDA's libraries and its context. */
  private static final long RUNTIME_OF_GPU = 3L << 30;

  /** The matrices whose products a decoder keeps: of T5's attention, and of Llama's. */
  private static final Pattern KEYS_AND_VALUES =
      Pattern.compile("^decoder\\..*\\.[kv]\\.weight$|\\.[kv]_proj\\.weight$");

  /**
   * The estimate for {@code config}.
   *
   * @param gpu whether a GPU computes
   */
  public static MemoryEstimate of(ModelFolder model, DaptConfig config, boolean gpu) {
    return of(ModelShape.of(model), config, gpu);
  }

  /** The same of a model as far as shapes tell. */
  public static MemoryEstimate of(ModelShape model, DaptConfig config, boolean gpu) {
    ComputeType type = config.model().dtype();
    long source = config.tasks().maxSourceTokens();
    // A rank has no more than the whole batch at once.
    long tokens =
        Math.min(config.train().microBatchTokens(), config.train().globalBatch() * source);
    long targets = Math.min(tokens, tokens * config.tasks().maxTargetTokens() / source);
    List<Projection> adapted =
        new LoraTargets(config.lora().targets()).namedAmong(model.projections());
    long ends = adapted.stream().mapToLong(p -> p.in() + p.out()).sum();
    long kept =
        new KeptActivations(
                model,
                type,
                tokens,
                targets,
                adapted.stream().map(Projection::name).collect(Collectors.toSet()),
                config.lora().dropout() > 0)
            .bytes(
                Math.min(source, tokens),
                Math.min(config.tasks().maxTargetTokens(), tokens),
                gpu,
                config.model().dropout() > 0,
                config.train().recompute());
    if (JobContext.recollection(config) != null) {
      // Examples and the texts that hold them go through the model before there is a way back.
      kept *= 2;
    }
    long cache = type.bytes() * answering(model, config);
    boolean dev = config.train().select() == SelectedParameters.BEST_DEV;
    ContinualMethod method = ContinualMethods.named(config.method().name());
    Sections sections = JobContext.methodOptions(config);
    int tasks = Math.max(1, config.tasks().order().size());
    long block = type.learntBytes() * ends * Math.max(config.lora().r(), config.replay().r());
    return new MemoryEstimate(
        type.bytes() * model.parameters(),
        // Of an older one there is also what is stacked for its products.
        block
            + tasks * 2L * block
            + type.learntBytes() * method.kept(sections, adapted, model.width(), tasks),
        (dev ? 4 : 3) * block,
        dev ? Math.max(kept, cache) : kept,
        Double.BYTES * method.summed(sections, adapted, model.width()),
        cache,
        config.evaluate().overlap());
  }

  /** What processes take of their machines' memory where the processor computes. */
  public MemoryNeed onProcessor() {
    return new MemoryNeed(RUNTIME + weights, blocks + learning(COPIES), cache + blocks, beside);
  }

  /** What they take of it where a GPU computes: tensors lie on that. */
  public MemoryNeed besideGpu() {
    return new MemoryNeed(RUNTIME_OF_GPU, blocks + COPIES_BESIDE_GPU * sums, blocks, beside);
  }

  /** What a rank takes of a GPU. */
  public long learningOnGpu() {
    return weights + blocks + learning(COPIES_ON_GPU);
  }

  /** What passes take in a process that computes on the processor. */
  public long passes() {
    return COPIES * sums;
  }

  /** Beside weights and blocks, with so many copies of the sums: passes and steps take turns. */
  private long learning(int copies) {
    return Math.max(optimizer + activations, copies * sums);
  }

  /** What a task that answers takes of a GPU. */
  public long answeringOnGpu() {
    return weights + blocks + cache;
  }

  /** Values that a batch of inputs has at once while it is answered. */
  private static long answering(ModelShape model, DaptConfig config) {
    long source = config.tasks().maxSourceTokens();
    long tokens = Math.max(source, config.evaluate().batchTokens());
    long examples = tokens / source;
    long answers = examples * config.evaluate().maxNewTokens();
    long vocabulary = model.vocabulary();
    long kept = 0;
    long widest = 0;
    for (String name : model.tensors().keySet()) {
      long[] shape = model.tensors().get(name);
      if (shape.length == 2 && shape[0] != vocabulary) {
        widest = Math.max(widest, shape[0] + shape[1]);
        if (KEYS_AND_VALUES.matcher(name).find()) {
          // An encoder's tokens are looked at by the attention across, answers by the other one.
          boolean own = name.contains(".SelfAttention.");
          boolean across = name.contains(".EncDecAttention.");
          kept += shape[0] * ((own ? 0 : tokens) + (across ? 0 : answers));
        }
      }
    }
    return kept
        + 2 * widest * tokens
        + 2 * model.heads() * source * tokens
        + 2 * examples * vocabulary;
  }
}
