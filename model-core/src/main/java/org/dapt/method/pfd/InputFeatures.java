package org.dapt.method.pfd;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Projection;
import org.dapt.backbone.Source;
import org.dapt.error.ConfigException;
import org.dapt.method.MethodContext;
import org.dapt.tensor.Scopes;
import org.dapt.tensor.Tensors;

/**
 * The features of inputs in the adapted projections: the mean over an input's real tokens of what
 * the frozen projection makes of the frozen model's states.
 *
 * @param backbone the model
 * @param routed the adapted projections that an input passes without an answer, in the order of the
 *     model; not empty
 * @param routes of every adapted projection the routed one that chooses for it, which may be itself
 */
record InputFeatures(Backbone backbone, List<Projection> routed, Map<String, Projection> routes) {
  /**
   * Those of the projections that {@code context} adapts. Which of them an input passes is seen of
   * one.
   *
   * @throws ConfigException if it passes none of them
   */
  static InputFeatures of(MethodContext context) {
    List<Projection> adapted = context.adapted();
    Set<String> passed = new LinkedHashSet<>();
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Backbone backbone = context.backbone();
      backbone.encode(
          backbone.source(List.of(new int[1])),
          new Look((projection, output) -> passed.add(projection)));
    }
    List<Projection> routed =
        adapted.stream().filter(projection -> passed.contains(projection.name())).toList();
    if (routed.isEmpty()) {
      throw new ConfigException(
          "lora.targets names no layer that an input passes before it is answered (%s among others), by which pfd chooses: add such a layer, as q and v have them."
              .formatted(adapted.get(0).name()));
    }
    Map<String, Projection> routes = new LinkedHashMap<>();
    for (Projection projection : adapted) {
      routes.put(
          projection.name(),
          routed.contains(projection) ? projection : lastOf(routed, projection.role()));
    }
    return new InputFeatures(context.backbone(), routed, routes);
  }

  /** The last one of {@code role}, or of all where there is none. */
  private static Projection lastOf(List<Projection> routed, String role) {
    List<Projection> same =
        routed.stream().filter(projection -> projection.role().equals(role)).toList();
    List<Projection> last = same.isEmpty() ? routed : same;
    return last.get(last.size() - 1);
  }

  /** Components of all features together. */
  int width() {
    return Math.toIntExact(routed.stream().mapToLong(Projection::out).sum());
  }

  /** The features of inputs one behind the other in float64, {@code [batch, width]}. */
  Tensor of(Source source) {
    return Scopes.inScope(
        () -> {
          PointerScope scope = PointerScope.getInnerScope();
          Map<String, Tensor> means = new HashMap<>();
          try (NoGradGuard guard = new NoGradGuard()) {
            backbone.encode(
                source,
                new Look(
                    (projection, output) -> {
                      if (routes.containsKey(projection)) {
                        // A backbone frees what it needs no more layer by layer.
                        Tensor mean =
                            Scopes.inScope(() -> source.mean(output.to(ScalarType.Double)));
                        scope.attach(mean);
                        means.put(projection, mean);
                      }
                    }));
          }
          List<Tensor> all = new ArrayList<>();
          routed.forEach(projection -> all.add(means.get(projection.name())));
          return Tensors.cat(all, 1);
        });
  }

  /** The frozen model with a look at what its projections give. */
  private record Look(Sight sight) implements Adaptation {
    private interface Sight {
      void see(String projection, Tensor output);
    }

    @Override
    public Tensor adapt(String projection, Tensor x, Tensor output) {
      sight.see(projection, output);
      return output;
    }
  }
}
