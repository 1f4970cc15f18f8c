package org.dapt.method.subspace;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Batch;
import org.dapt.backbone.LayerInput;
import org.dapt.backbone.MicroBatches;
import org.dapt.backbone.Observed;
import org.dapt.backbone.Projection;
import org.dapt.backbone.Source;
import org.dapt.method.Example;
import org.dapt.method.InputPass;
import org.dapt.tensor.Scopes;

/**
 * Σ h hᵀ over what goes into adapted layers at the real tokens of a task's training examples, their
 * answers given (teacher forcing). Layers that share an input have one sum.
 */
public final class InputMoments implements InputPass {
  /** Numbers that are added up in one pass, 1 GiB of them; a single input may have more. */
  private static final long MOST_ENTRIES = 1L << 27;

  /** Most tokens that go through the model at once, padding included. */
  private static final int TOKENS = 1024;

  /** Layers that take what the others of their module have made. */
  private static final Set<String> OWN_INPUT = Set.of("o", "wo", "o_proj", "down_proj");

  private final Backbone backbone;
  private final Map<String, Seen> inputs;
  private final Function<Source, Adaptation> adaptation;
  private final BiConsumer<String, Tensor> taker;

  /** An input, where it is looked at, and how many components it has. */
  private record Seen(LayerInput input, String projection, int width) {
    int entries() {
      return Math.multiplyExact(width, width);
    }
  }

  private InputMoments(
      Backbone backbone,
      Map<String, Seen> inputs,
      Function<Source, Adaptation> adaptation,
      BiConsumer<String, Tensor> taker) {
    this.backbone = backbone;
    this.inputs = inputs;
    this.adaptation = adaptation;
    this.taker = taker;
  }

  /**
   * The names of the inputs of {@code projections}, each with its number of components.
   *
   * @throws org.dapt.error.ConfigException where the model does not tell them
   */
  public static Map<String, Long> inputs(Backbone backbone, List<Projection> projections) {
    Map<String, Long> widths = new LinkedHashMap<>();
    projections.forEach(p -> widths.putIfAbsent(backbone.input(p).name(), p.in()));
    return widths;
  }

  /**
   * How many numbers the sums of all inputs of {@code projections} are, as far as their names tell
   * which of them share one. No more directions than that are ever kept of them.
   */
  public static long numbers(List<Projection> projections) {
    return widths(projections).mapToLong(in -> in * in).sum();
  }

  /** How many of these numbers a pass adds up at most. */
  public static long numbersOfPass(List<Projection> projections) {
    long largest = widths(projections).mapToLong(in -> in * in).max().orElse(0);
    return Math.max(largest, Math.min(MOST_ENTRIES, numbers(projections)));
  }

  /** How many passes these numbers take. */
  public static int passes(List<Projection> projections) {
    return ends(widths(projections).mapToLong(in -> in * in), MOST_ENTRIES).size();
  }

  /**
   * Behind which of the sums each pass ends.
   *
   * @param entries of the sums
   * @param mostEntries of a pass, which one sum alone may have more of
   */
  private static List<Integer> ends(LongStream entries, long mostEntries) {
    List<Integer> ends = new ArrayList<>();
    int end = 0;
    long ofPass = 0;
    for (long ofSum : entries.toArray()) {
      if (ofPass > 0 && ofPass + ofSum > mostEntries) {
        ends.add(end);
        ofPass = 0;
      }
      ofPass += ofSum;
      end++;
    }
    ends.add(end);
    return ends;
  }

  private static Stream<Long> widths(List<Projection> projections) {
    Map<String, Long> widths = new LinkedHashMap<>();
    for (Projection projection : projections) {
      String name = projection.name();
      boolean own = OWN_INPUT.contains(projection.role());
      String shared = name.substring(0, Math.max(0, name.lastIndexOf('.')));
      widths.putIfAbsent(own ? name : shared, projection.in());
    }
    return widths.values().stream();
  }

  /**
   * The passes that it takes to see all inputs of {@code projections}.
   *
   * @param adaptation with which the examples go through the model
   * @param taker takes the sum of each input by its name, {@code [d, d]} in float64, in this
   *     process's memory and the caller's scope
   */
  public static List<InputPass> of(
      Backbone backbone,
      List<Projection> projections,
      Function<Source, Adaptation> adaptation,
      BiConsumer<String, Tensor> taker) {
    return of(backbone, projections, adaptation, taker, MOST_ENTRIES);
  }

  /** The same with another bound of the numbers that a pass adds up. */
  static List<InputPass> of(
      Backbone backbone,
      List<Projection> projections,
      Function<Source, Adaptation> adaptation,
      BiConsumer<String, Tensor> taker,
      long mostEntries) {
    Map<String, Seen> all = new LinkedHashMap<>();
    for (Projection projection : projections) {
      LayerInput input = backbone.input(projection);
      all.putIfAbsent(
          input.name(), new Seen(input, projection.name(), Math.toIntExact(projection.in())));
    }
    List<Seen> inputs = List.copyOf(all.values());
    List<InputPass> passes = new ArrayList<>();
    int begin = 0;
    for (int end : ends(inputs.stream().mapToLong(Seen::entries), mostEntries)) {
      Map<String, Seen> part = new LinkedHashMap<>();
      inputs.subList(begin, end).forEach(seen -> part.put(seen.projection(), seen));
      passes.add(new InputMoments(backbone, part, adaptation, taker));
      begin = end;
    }
    return passes;
  }

  @Override
  public Over over() {
    return Over.TRAINING;
  }

  @Override
  public int entries() {
    int entries = 0;
    for (Seen seen : inputs.values()) {
      entries = Math.addExact(entries, seen.entries());
    }
    return entries;
  }

  @Override
  public Tensor of(Source source, List<Example> examples) {
    Tensor sums = backbone.placement().zeros(ScalarType.Double, entries());
    Map<String, Tensor> parts = new HashMap<>();
    int at = 0;
    for (Map.Entry<String, Seen> seen : inputs.entrySet()) {
      int width = seen.getValue().width();
      Tensor part = sums.narrow(0, at, seen.getValue().entries()).view(width, width);
      parts.put(seen.getKey(), part);
      at += seen.getValue().entries();
    }
    // Answers may be much longer than their inputs, by which the examples were put together.
    for (List<Example> some :
        MicroBatches.byLength(examples, e -> e.source().length + e.target().length, TOKENS)) {
      try (PointerScope scope = new PointerScope()) {
        add(some, parts);
      }
    }
    return sums;
  }

  private void add(List<Example> examples, Map<String, Tensor> parts) {
    Batch batch =
        new Batch(
            backbone.source(examples.stream().map(Example::source).toList()),
            examples.stream().map(Example::target).toList());
    backbone.targetLogits(
        batch,
        new Observed(
            adaptation.apply(batch.source()),
            inputs.keySet(),
            (projection, x, output) -> {
              Seen seen = inputs.get(projection);
              Tensor real = real(x, seen.input().lengths(batch));
              parts.get(projection).addmm_(real.t(), real);
            }));
  }

  /** The rows of {@code x} before each example's length, {@code [tokens, d]} in float64. */
  private Tensor real(Tensor x, long[] lengths) {
    return Scopes.inScope(
        () -> {
          Tensor real =
              backbone
                  .placement()
                  .upTo(x.size(1))
                  .unsqueeze(0)
                  .lt(backbone.placement().indices(lengths).unsqueeze(1));
          Tensor rows = real.reshape(-1).nonzero().reshape(-1);
          return x.reshape(-1, x.size(2)).index_select(0, rows).to(ScalarType.Double);
        });
  }

  @Override
  public void take(Tensor sums) {
    int at = 0;
    for (Seen seen : inputs.values()) {
      try (PointerScope scope = new PointerScope()) {
        taker.accept(
            seen.input().name(),
            sums.narrow(0, at, seen.entries()).view(seen.width(), seen.width()));
      }
      at += seen.entries();
    }
  }
}
