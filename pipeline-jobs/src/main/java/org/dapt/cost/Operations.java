package org.dapt.cost;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dapt.backbone.Projection;
import org.dapt.job.ModelShape;

/**
 * How many floating point operations an example asks of a frozen model with blocks.
 *
 * <p>A weight takes 2 operations for each token that passes it going forward and, being frozen, 2
 * going back; what learns takes 6. Attention takes 12 for each layer, head, number of a head and
 * pair of positions, 4 of them going forward (PaLM, arXiv 2204.02311, appendix B; nothing is taken
 * off for causal masks). An encoder's weights see the source, a decoder's see the target, but its
 * keys and values of the source see the source; the output matrix sees the target. Padding, layers
 * that are computed again, norms and the optimizer are not counted. {@code benchmarks/flops.py}
 * counts alike.
 */
public final class Operations {
  private static final Pattern MATRIX =
      Pattern.compile(
          "^(?:model\\.layers|encoder\\.block|decoder\\.block)\\.\\d+\\.(?!.*relative_attention_bias).*\\.weight$");
  private static final Pattern QUERY = Pattern.compile(".*\\.(?:q|q_proj)\\.weight$");
  private static final Pattern ACROSS = Pattern.compile(".*\\.EncDecAttention\\.[kv]\\.weight$");

  /** Which tokens pass a matrix. */
  private enum Side {
    SOURCE,
    TARGET,
    BOTH;

    double tokens(double source, double target) {
      return switch (this) {
        case SOURCE -> source;
        case TARGET -> target;
        case BOTH -> source + target;
      };
    }
  }

  private final Map<Side, Long> weights = new HashMap<>();
  private final Map<Side, Long> ofBlock = new HashMap<>();
  private final double output;
  private double selfSource;
  private double selfTarget;
  private double selfBoth;
  private double across;

  /**
   * @param adapted the layers that a task's block adapts; empty for blocks that adapt none
   * @param rank of the blocks
   */
  public Operations(ModelShape model, List<Projection> adapted, int rank) {
    boolean encodes = model.encodes();
    model
        .tensors()
        .forEach(
            (name, shape) -> {
              Matcher matrix = MATRIX.matcher(name);
              if (shape.length == 2 && matrix.matches()) {
                weights.merge(side(name, encodes), shape[0] * shape[1], Long::sum);
                if (QUERY.matcher(name).matches()) {
                  attend(name, encodes, shape[0]);
                }
              }
            });
    for (Projection projection : adapted) {
      ofBlock.merge(
          side(projection.name() + ".weight", encodes),
          rank * (projection.in() + projection.out()),
          Long::sum);
    }
    output = (double) model.vocabulary() * model.width();
  }

  /**
   * Learning from an example.
   *
   * @param source tokens of its input
   * @param target tokens of its answer
   * @param earlier how many blocks there are beside the one that learns
   */
  public double learning(double source, double target, int earlier) {
    return 4 * passed(weights, source, target)
        + 4 * output * target
        + (6 + 4.0 * earlier) * passed(ofBlock, source, target)
        + 12 * attention(source, target);
  }

  /**
   * Answering an input.
   *
   * @param source its tokens
   * @param answer tokens of the answer
   * @param blocks how many there are
   */
  public double answering(double source, double answer, int blocks) {
    return 2 * passed(weights, source, answer)
        + 2 * output * answer
        + 2.0 * blocks * passed(ofBlock, source, answer)
        + 4 * attention(source, answer);
  }

  private static double passed(Map<Side, Long> numbers, double source, double target) {
    return numbers.entrySet().stream()
        .mapToDouble(side -> side.getValue() * side.getKey().tokens(source, target))
        .sum();
  }

  private double attention(double source, double target) {
    double both = source + target;
    return selfSource * source * source
        + selfTarget * target * target
        + across * source * target
        + selfBoth * both * both;
  }

  private void attend(String name, boolean encodes, long width) {
    if (!encodes) {
      selfBoth += width;
    } else if (name.startsWith("encoder.")) {
      selfSource += width;
    } else if (name.contains("EncDecAttention")) {
      across += width;
    } else {
      selfTarget += width;
    }
  }

  private static Side side(String name, boolean encodes) {
    if (!encodes) {
      return Side.BOTH;
    }
    return name.startsWith("encoder.") || ACROSS.matcher(name).matches()
        ? Side.SOURCE
        : Side.TARGET;
  }
}
