package org.dapt.backbone;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.dapt.tensor.Scopes;

/**
 * Passes over batches whose layers leave nothing behind but their inputs: on the way back each is
 * computed again (Chen et al. 2016, with every layer a segment). The loss is that of passes
 * without, bit for bit; so are gradients, but for those of what several layers share, which are
 * summed layer by layer and not use by use.
 *
 * <p>The graph is cut where a layer begins: its input is a leaf, which collects its gradient from
 * all that uses it. {@link #backward} takes the pieces in the reverse order of the cuts, so that a
 * gradient is complete before it is handed on. What several layers share and was computed before
 * them, an encoder's output or the scales of a mixture, is cut as well: its graph is gone through
 * once, behind all of them.
 *
 * <p>For one thread, and to be used in one open scope, which its tensors belong to.
 */
public final class Recomputation {
  /** A place where the graph is cut: {@code leaf} has the values of {@code origin}. */
  private record Cut(Tensor leaf, Tensor origin) {}

  private final Deque<Runnable> wayBack = new ArrayDeque<>();

  /** {@code adaptation}, under which the layers of a backbone are computed again by this. */
  public Adaptation over(Adaptation adaptation) {
    List<Cut> cuts = new ArrayList<>();
    // Together, because they may have come out of one graph.
    wayBack.push(() -> handOn(cuts));
    return new Recomputed(adaptation.cut(tensor -> cut(tensor, cuts)), this);
  }

  /**
   * Computes one layer; as it stands where {@code adaptation} has no recomputation. Of its
   * intermediate values only those stay that the way back needs.
   *
   * @param x its input, the states
   * @param layer computes the layer; it is called a second time on the way back
   */
  public static Tensor layer(Adaptation adaptation, Tensor x, UnaryOperator<Tensor> layer) {
    Recomputation recomputation = adaptation.recomputation();
    return recomputation == null
        ? Scopes.inScope(() -> layer.apply(x))
        : recomputation.run(x, adaptation.dropout(), layer);
  }

  /** {@code tensor} as what layers share, where {@code adaptation} has a recomputation. */
  public static Tensor shared(Adaptation adaptation, Tensor tensor) {
    Recomputation recomputation = adaptation.recomputation();
    return recomputation == null ? tensor : recomputation.cut(tensor);
  }

  /** Adds the gradients of {@code loss}, which came out of these passes; to be called once. */
  public void backward(Tensor loss) {
    loss.backward();
    while (!wayBack.isEmpty()) {
      wayBack.pop().run();
    }
  }

  private Tensor cut(Tensor tensor) {
    List<Cut> cuts = new ArrayList<>();
    Tensor leaf = cut(tensor, cuts);
    if (!cuts.isEmpty()) {
      wayBack.push(() -> handOn(cuts));
    }
    return leaf;
  }

  /**
   * The values of {@code tensor} as a leaf, which is added to {@code cuts}; itself where it is a
   * leaf, or has no gradient.
   */
  private static Tensor cut(Tensor tensor, List<Cut> cuts) {
    if (!tensor.requires_grad() || tensor.is_leaf()) {
      return tensor;
    }
    Tensor leaf = leaf(tensor);
    cuts.add(new Cut(leaf, tensor));
    return leaf;
  }

  private Tensor run(Tensor x, LayerDropout dropout, UnaryOperator<Tensor> layer) {
    Tensor input = cut(x);
    Runnable again = dropout == null ? () -> {} : dropout.again();
    // With a graph, which is dropped at once: there are operators that round otherwise without one.
    Tensor output =
        Scopes.inScope(
            () -> {
              Tensor computed = layer.apply(input);
              return computed.requires_grad() ? leaf(computed) : computed;
            });
    if (!output.requires_grad()) {
      return output;
    }
    wayBack.push(
        () -> {
          try (PointerScope scope = new PointerScope()) {
            again.run();
            handOn(List.of(new Cut(output, layer.apply(input))));
          }
          // Both are of no more use, and there are as many of them as layers.
          output.mutable_grad().reset();
          output.reset();
        });
    return output;
  }

  private static Tensor leaf(Tensor tensor) {
    Tensor leaf = tensor.detach();
    leaf.requires_grad_(true);
    return leaf;
  }

  /** Adds the gradients of what the cut tensors were made of. */
  private static void handOn(List<Cut> cuts) {
    try (PointerScope scope = new PointerScope()) {
      TensorVector origins = new TensorVector();
      TensorVector gradients = new TensorVector();
      for (Cut cut : cuts) {
        Tensor gradient = cut.leaf.grad();
        // Nothing may have come of it: of scales of projections that no layer has, say.
        if (gradient.defined()) {
          origins.push_back(cut.origin);
          gradients.push_back(gradient);
        }
      }
      if (!origins.empty()) {
        torch.backward(origins, gradients, new BoolOptional(), false, new TensorVector());
      }
    }
  }

  /** An adaptation that carries a recomputation to the layers. */
  private record Recomputed(Adaptation inner, Recomputation recomputation)
      implements WrappedAdaptation {
    @Override
    public Adaptation select(Tensor rows) {
      return new Recomputed(inner.select(rows), recomputation);
    }

    @Override
    public Adaptation cut(UnaryOperator<Tensor> cut) {
      return new Recomputed(inner.cut(cut), recomputation);
    }
  }
}
