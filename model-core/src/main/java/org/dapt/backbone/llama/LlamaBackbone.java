package org.dapt.backbone.llama;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Batch;
import org.dapt.backbone.Decoding;
import org.dapt.backbone.KeysAndValues;
import org.dapt.backbone.LayerInput;
import org.dapt.backbone.Projection;
import org.dapt.backbone.Recomputation;
import org.dapt.backbone.RmsNorm;
import org.dapt.backbone.Source;
import org.dapt.backbone.Weights;
import org.dapt.io.ModelFolder;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Products;
import org.dapt.tensor.Scopes;
import org.dapt.tensor.Tensors;

/**
 * Llama (Touvron et al. 2023, Llama 2 and 3): source and target are one sequence, in which every
 * position looks at itself and those before it. The source is the prompt alone.
 *
 * <p>Short examples are padded on the right, where no real position looks; so training needs no
 * mask, and an example's positions count from 0 whatever its batch.
 */
final class LlamaBackbone implements Backbone {
  private static final String EMBEDDING = "model.embed_tokens.weight";
  private static final String OUTPUT = "lm_head.weight";

  /** Where the embedding lies: one matrix that is stored once may have either name. */
  private static final List<String> TIED = List.of(EMBEDDING, OUTPUT);

  private static final List<String> UNTIED = List.of(EMBEDDING);

  /** The layers behind an attention or a product, whose input no other one takes. */
  private static final Set<String> OWN_INPUT = Set.of("o_proj", "down_proj");

  private final LlamaConfig config;
  private final Placement placement;
  private final Weights weights;
  private final Tensor embedding;
  private final Tensor outputMatrix;
  private final List<LlamaLayer> layers;
  private final RmsNorm norm;
  private final RotaryEmbedding rotary;

  private LlamaBackbone(LlamaConfig config, Placement placement, Weights weights) {
    this.config = config;
    this.placement = placement;
    this.weights = weights;
    embedding = weights.get(config.tied() ? TIED : UNTIED, config.vocabulary(), config.width());
    // A file with an output matrix of its own is untied, whatever its configuration says.
    outputMatrix =
        config.tied() && !weights.differ(EMBEDDING, OUTPUT)
            ? embedding
            : weights.get(OUTPUT, config.vocabulary(), config.width());
    layers =
        IntStream.range(0, config.layers())
            .mapToObj(i -> LlamaLayer.load(weights, i, config))
            .toList();
    norm = norm(weights, "model.norm.weight", config);
    rotary = new RotaryEmbedding(config.rotary().frequencies(config.headSize()), placement);
  }

  static LlamaBackbone load(ModelFolder folder, Placement placement) {
    LlamaConfig config = LlamaConfig.parse(folder);
    return Weights.load(
        folder, placement, weights -> new LlamaBackbone(config, placement, weights));
  }

  /** Throws what {@link #load} would throw, without reading a weight. */
  static void check(ModelFolder folder) {
    unread(folder).weights.check();
  }

  /** The shapes of its tensors, by name. */
  static SortedMap<String, long[]> shapes(ModelFolder folder) {
    return unread(folder).weights.asked();
  }

  /** The model without its weights. */
  static LlamaBackbone unread(ModelFolder folder) {
    return new LlamaBackbone(LlamaConfig.parse(folder), null, Weights.unread(folder));
  }

  static RmsNorm norm(Weights weights, String name, LlamaConfig config) {
    return new RmsNorm(weights.get(name, config.width()), config.epsilon());
  }

  @Override
  public int width() {
    return config.width();
  }

  @Override
  public int vocabulary() {
    return config.vocabulary();
  }

  @Override
  public Placement placement() {
    return placement;
  }

  @Override
  public int padToken() {
    return config.padToken();
  }

  @Override
  public Set<Integer> endTokens() {
    return config.endTokens();
  }

  @Override
  public List<Projection> projections() {
    return layers.stream().flatMap(LlamaLayer::projections).toList();
  }

  @Override
  public LayerInput input(Projection projection) {
    String name = projection.name();
    boolean own = OWN_INPUT.contains(projection.role());
    String shared = name.substring(0, name.lastIndexOf('.'));
    return new LayerInput(own ? name : shared, LayerInput.Positions.BOTH);
  }

  @Override
  public Tensor embed(Tensor ids) {
    return torch.embedding(embedding, ids);
  }

  @Override
  public Tensor encode(Source source, Adaptation adaptation) {
    Tensor prefix = adaptation.prefix();
    Tensor x = throughLayers(behind(prefix, embed(source.ids())), adaptation);
    return norm.apply(x).narrow(1, length(prefix), source.ids().size(1));
  }

  @Override
  public Tensor targetLogits(Batch batch, Adaptation adaptation) {
    List<int[]> sequences = new ArrayList<>();
    int longest = 0;
    for (int i = 0; i < batch.source().size(); i++) {
      int[] source = batch.source().tokens().get(i);
      int[] target = batch.targets().get(i);
      // The last target token predicts nothing.
      int[] sequence = Arrays.copyOf(source, source.length + target.length - 1);
      System.arraycopy(target, 0, sequence, source.length, target.length - 1);
      sequences.add(sequence);
      longest = Math.max(longest, sequence.length);
    }
    Tensor prefix = adaptation.prefix();
    int before = length(prefix);
    long[] positions = new long[Math.toIntExact(batch.targetTokens())];
    int at = 0;
    for (int i = 0; i < sequences.size(); i++) {
      int first = before + batch.source().tokens().get(i).length - 1;
      for (int j = 0; j < batch.targets().get(i).length; j++) {
        positions[at++] = (long) i * (before + longest) + first + j;
      }
    }
    Tensor ids = placement.padded(sequences, config.padToken());
    Tensor x = throughLayers(behind(prefix, embed(ids)), adaptation);
    return logits(x.reshape(-1, config.width()).index_select(0, placement.indices(positions)));
  }

  @Override
  public Decoding decode(Source source, Adaptation adaptation) {
    List<LlamaMemory> memories = new ArrayList<>();
    // What the prompt's pass leaves behind, but for the memories, ends with it.
    try (PointerScope scope = new PointerScope()) {
      return decode(source, adaptation, memories);
    } catch (RuntimeException e) {
      memories.forEach(LlamaMemory::close);
      throw e;
    }
  }

  private Decoding decode(Source source, Adaptation adaptation, List<LlamaMemory> memories) {
    Tensor prefix = adaptation.prefix();
    int before = length(prefix);
    Tensor x = behind(prefix, embed(source.ids()));
    long columns = x.size(1);
    RotaryEmbedding.Turn turn = rotary.upTo(columns);
    for (LlamaLayer layer : layers) {
      x = throughLayer(layer, x, turn, memories, adaptation);
    }
    long[] lengths =
        source.tokens().stream().mapToLong(prompt -> (long) before + prompt.length).toArray();
    long[] last = new long[lengths.length];
    for (int i = 0; i < last.length; i++) {
      last[i] = i * columns + lengths[i] - 1;
    }
    Tensor first = logits(x.reshape(-1, config.width()).index_select(0, placement.indices(last)));
    return new LlamaDecoding(this, adaptation, memories, lengths, columns, first);
  }

  /** A layer over whole prompts, of which nothing stays but keys and values. */
  private static Tensor throughLayer(
      LlamaLayer layer,
      Tensor x,
      RotaryEmbedding.Turn turn,
      List<LlamaMemory> memories,
      Adaptation adaptation) {
    return Scopes.inScope(
        () -> {
          Tensor normed = layer.attentionNorm().apply(x);
          KeysAndValues memory = layer.memory(normed, turn, adaptation);
          memories.add(new LlamaMemory(memory));
          return layer.apply(x, normed, turn, memory, null, true, adaptation);
        });
  }

  @Override
  public String sha256() {
    return weights.sha256();
  }

  @Override
  public void close() {
    rotary.close();
    weights.close();
  }

  private Tensor throughLayers(Tensor x, Adaptation adaptation) {
    RotaryEmbedding.Turn turn = rotary.upTo(x.size(1));
    Tensor states = x;
    for (LlamaLayer layer : layers) {
      states =
          Recomputation.layer(adaptation, states, below -> layer.apply(below, turn, adaptation));
    }
    return states;
  }

  /** Logits of states in front of the final norm: {@code [.., d] → [.., vocabulary]}. */
  Tensor logits(Tensor states) {
    return Products.linear(norm.apply(states), outputMatrix);
  }

  List<LlamaLayer> layers() {
    return layers;
  }

  RotaryEmbedding rotary() {
    return rotary;
  }

  Weights weights() {
    return weights;
  }

  private static int length(Tensor prefix) {
    return prefix == null ? 0 : Math.toIntExact(prefix.size(1));
  }

  private static Tensor behind(Tensor prefix, Tensor x) {
    return prefix == null ? x : Tensors.cat(List.of(prefix, x), 1);
  }
}
