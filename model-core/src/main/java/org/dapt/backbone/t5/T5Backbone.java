package org.dapt.backbone.t5;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Batch;
import org.dapt.backbone.Decoding;
import org.dapt.backbone.LayerDropout;
import org.dapt.backbone.LayerDropout.Positions;
import org.dapt.backbone.LayerInput;
import org.dapt.backbone.Projection;
import org.dapt.backbone.Recomputation;
import org.dapt.backbone.RmsNorm;
import org.dapt.backbone.Source;
import org.dapt.backbone.Weights;
import org.dapt.io.ModelFolder;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Products;
import org.dapt.tensor.Tensors;

/**
 * T5: an encoder over the source and a decoder that looks at it (Raffel et al. 2020, v1.0 and
 * v1.1).
 */
final class T5Backbone implements Backbone {
  private static final String BIAS =
      ".block.0.layer.0.SelfAttention.relative_attention_bias.weight";

  private static final String OUTPUT = "lm_head.weight";

  /** Where the embedding lies: it is stored once, under any of the names of those that share it. */
  private static final List<String> UNTIED =
      List.of("shared.weight", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight");

  private static final List<String> TIED =
      Stream.concat(UNTIED.stream(), Stream.of(OUTPUT)).toList();

  private final T5Config config;
  private final Placement placement;
  private final Weights weights;
  private final Tensor embedding;
  private final Tensor outputMatrix;
  private final List<T5EncoderLayer> encoder;
  private final List<T5DecoderLayer> decoder;
  private final RmsNorm encoderNorm;
  private final RmsNorm decoderNorm;
  private final RelativeBias encoderBias;
  private final RelativeBias decoderBias;

  private T5Backbone(T5Config config, Placement placement, Weights weights) {
    this.config = config;
    this.placement = placement;
    this.weights = weights;
    embedding = weights.get(config.tied() ? TIED : UNTIED, config.vocabulary(), config.width());
    // A file with an output matrix of its own is untied, whatever its configuration says.
    boolean own = UNTIED.stream().anyMatch(name -> weights.differ(name, OUTPUT));
    outputMatrix =
        config.tied() && !own
            ? embedding
            : weights.get(OUTPUT, config.vocabulary(), config.width());
    encoder =
        IntStream.range(0, config.encoderLayers())
            .mapToObj(i -> T5EncoderLayer.load(weights, i, config))
            .toList();
    decoder =
        IntStream.range(0, config.decoderLayers())
            .mapToObj(i -> T5DecoderLayer.load(weights, i, config))
            .toList();
    encoderNorm = norm(weights, "encoder.final_layer_norm.weight", config);
    decoderNorm = norm(weights, "decoder.final_layer_norm.weight", config);
    encoderBias = bias(weights, "encoder", true, config);
    decoderBias = bias(weights, "decoder", false, config);
  }

  static T5Backbone load(ModelFolder folder, Placement placement) {
    T5Config config = T5Config.parse(folder.config(), folder.configFile());
    return Weights.load(folder, placement, weights -> new T5Backbone(config, placement, weights));
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
  static T5Backbone unread(ModelFolder folder) {
    return new T5Backbone(
        T5Config.parse(folder.config(), folder.configFile()), null, Weights.unread(folder));
  }

  static RmsNorm norm(Weights weights, String name, T5Config config) {
    return new RmsNorm(weights.get(name, config.width()), config.epsilon());
  }

  private RelativeBias bias(Weights weights, String stack, boolean bidirectional, T5Config config) {
    Tensor table = weights.get(stack + BIAS, config.buckets(), config.heads());
    return new RelativeBias(
        table, bidirectional, config.buckets(), config.maxDistance(), placement);
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
    return Stream.concat(
            encoder.stream().flatMap(T5EncoderLayer::projections),
            decoder.stream().flatMap(T5DecoderLayer::projections))
        .toList();
  }

  @Override
  public LayerInput input(Projection projection) {
    return T5Inputs.of(projection);
  }

  @Override
  public Tensor embed(Tensor ids) {
    return torch.embedding(embedding, ids);
  }

  @Override
  public Tensor encode(Source source, Adaptation adaptation) {
    Tensor states = encoded(source, adaptation);
    long tokens = source.ids().size(1);
    return states.narrow(1, states.size(1) - tokens, tokens);
  }

  @Override
  public Tensor targetLogits(Batch batch, Adaptation adaptation) {
    Tensor encoded = Recomputation.shared(adaptation, encoded(batch.source(), adaptation));
    int longest = batch.targets().stream().mapToInt(target -> target.length).max().orElseThrow();
    List<int[]> inputs = new ArrayList<>();
    long[] positions = new long[Math.toIntExact(batch.targetTokens())];
    int at = 0;
    for (int i = 0; i < batch.targets().size(); i++) {
      int[] target = batch.targets().get(i);
      int[] shifted = new int[target.length];
      shifted[0] = config.startToken();
      System.arraycopy(target, 0, shifted, 1, target.length - 1);
      inputs.add(shifted);
      for (int j = 0; j < target.length; j++) {
        positions[at++] = (long) i * longest + j;
      }
    }
    // Padding on the right needs no mask: only later positions see it, and they are padding too.
    LayerDropout dropout = adaptation.dropout();
    Tensor x =
        LayerDropout.dropped(
            dropout, embed(placement.padded(inputs, config.padToken())), Positions.TARGET);
    Tensor selfBias = decoderBias.square(longest);
    Tensor crossMask = paddingMask(batch.source(), adaptation);
    for (T5DecoderLayer layer : decoder) {
      x =
          Recomputation.layer(
              adaptation,
              x,
              states -> layer.apply(states, selfBias, encoded, crossMask, adaptation));
    }
    if (dropout == null) {
      return logits(at(x, positions));
    }
    Tensor normed = dropout.states(decoderNorm.apply(x), Positions.TARGET);
    return output(at(normed, positions));
  }

  @Override
  public Decoding decode(Source source, Adaptation adaptation) {
    // What the encoder's pass leaves behind, but for its output, ends with it.
    try (PointerScope scope = new PointerScope()) {
      return new T5Decoding(
          this, adaptation, encoded(source, adaptation), paddingMask(source, adaptation));
    }
  }

  @Override
  public String sha256() {
    return weights.sha256();
  }

  @Override
  public void close() {
    encoderBias.close();
    decoderBias.close();
    weights.close();
  }

  /**
   * The encoder's output behind its final norm: {@code [batch, prefix + tokens, d]}; rows of
   * padding carry no meaning.
   */
  Tensor encoded(Source source, Adaptation adaptation) {
    Tensor x = embed(source.ids());
    Tensor prefix = adaptation.prefix();
    if (prefix != null) {
      x = Tensors.cat(List.of(prefix, x), 1);
    }
    LayerDropout dropout = adaptation.dropout();
    x = LayerDropout.dropped(dropout, x, Positions.SOURCE);
    Tensor square = encoderBias.square(x.size(1));
    Tensor mask = paddingMask(source, adaptation);
    Tensor bias = mask == null ? square : square.add(mask);
    for (T5EncoderLayer layer : encoder) {
      x = Recomputation.layer(adaptation, x, states -> layer.apply(states, bias, adaptation));
    }
    return LayerDropout.dropped(dropout, encoderNorm.apply(x), Positions.SOURCE);
  }

  /** Logits of decoder states in front of the final norm: {@code [.., d] → [.., vocabulary]}. */
  Tensor logits(Tensor states) {
    return output(decoderNorm.apply(states));
  }

  /** Rows of {@code [batch, positions, d]}, counted over all examples. */
  private Tensor at(Tensor states, long[] rows) {
    return states.reshape(-1, config.width()).index_select(0, placement.indices(rows));
  }

  /** Logits of decoder states behind the final norm. */
  private Tensor output(Tensor states) {
    Tensor x = states;
    if (config.scaledOutput()) {
      x = x.mul(new Scalar(Math.pow(config.width(), -0.5)));
    }
    return Products.linear(x, outputMatrix);
  }

  List<T5DecoderLayer> decoder() {
    return decoder;
  }

  Tensor decoderBias(long position) {
    return decoderBias.row(position);
  }

  int startToken() {
    return config.startToken();
  }

  Weights weights() {
    return weights;
  }

  /**
   * 0 at tokens and the prefix, −∞ at padding, {@code [batch, 1, 1, prefix + tokens]}; null where
   * nothing is padded.
   */
  private Tensor paddingMask(Source source, Adaptation adaptation) {
    if (source.padding() == null) {
      return null;
    }
    Tensor prefix = adaptation.prefix();
    long before = prefix == null ? 0 : prefix.size(1);
    Tensor mask =
        placement.zeros(placement.scalar(), source.size(), 1, 1, before + source.ids().size(1));
    mask.narrow(3, before, source.ids().size(1))
        .masked_fill_(
            source.padding().unsqueeze(1).unsqueeze(1), new Scalar(Double.NEGATIVE_INFINITY));
    return mask;
  }
}
