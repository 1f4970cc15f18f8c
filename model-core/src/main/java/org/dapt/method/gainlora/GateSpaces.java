package org.dapt.method.gainlora;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.dapt.method.LearntTask;
import org.dapt.method.UpdateRule;
import org.dapt.method.subspace.Directions;
import org.dapt.method.subspace.KeptSpace;
import org.dapt.method.subspace.ProtectedSpace;
import org.dapt.method.subspace.Spectrum;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Scopes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The spaces of p₀, p₁ and p₂ of earlier tasks' inputs. A gate whose every update U of G_l becomes
 * U (I − P_l) leaves p₁ and p₂ of these inputs as they are and gives them nothing, if its G₃ began
 * outside of P₃.
 *
 * <p>The newest gate leaves the p₁ and p₂ of earlier inputs as the one before it had them. So after
 * a task the spaces grow by what its own inputs have through the newest gate, and hold those of all
 * tasks.
 */
final class GateSpaces implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(GateSpaces.class);

  /** By the parameter whose updates a space takes part of. */
  private static final List<String> PARAMETERS = List.of(Gate.G1, Gate.G2, Gate.G3);

  private static final List<String> NAMES =
      List.of("gate.space.p0", "gate.space.p1", "gate.space.p2");

  private final List<Long> widths;
  private final Placement placement;

  /** P₁ to P₃ in float64 and this process's memory. */
  private final List<ProtectedSpace> spaces = new ArrayList<>();

  /** Those that hold anything where the parameters are, by parameter. */
  private final Map<String, ProtectedSpace> placed = new LinkedHashMap<>();

  /**
   * The spaces after {@code learnt}.
   *
   * @param width d
   * @param hidden h
   */
  GateSpaces(List<LearntTask> learnt, long width, long hidden, Placement placement) {
    widths = List.of(width, hidden, width);
    this.placement = placement;
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      for (int i = 0; i < NAMES.size(); i++) {
        ProtectedSpace space = kept(i).after(learnt, placement);
        spaces.add(new ProtectedSpace(Scopes.keep(space.basis()), space.complement()));
        if (space.rank() > 0) {
          Tensor there = placement.placed(space.basis().to(placement.learnt()).clone());
          placed.put(PARAMETERS.get(i), new ProtectedSpace(Scopes.keep(there), space.complement()));
        }
      }
    }
  }

  private KeptSpace kept(int layer) {
    return new KeptSpace(NAMES.get(layer), widths.get(layer));
  }

  /** Dimensions of the spaces. */
  List<Long> ranks() {
    return spaces.stream().map(ProtectedSpace::rank).toList();
  }

  /**
   * The parameters of the next gate that cannot change any more, because their space has all
   * dimensions.
   */
  List<String> stuck() {
    return IntStream.range(0, NAMES.size())
        .filter(i -> spaces.get(i).rank() == widths.get(i))
        .mapToObj(PARAMETERS::get)
        .toList();
  }

  /** What of {@code g3} lies outside of P₃, {@code [1, d]}. */
  Tensor born(Tensor g3) {
    ProtectedSpace space = placed.get(Gate.G3);
    return space == null ? g3 : space.leftOf(g3);
  }

  /**
   * The direction in which some inputs have most outside of P₃, {@code [1, d]} of length 1; zeros
   * where they have nothing there.
   *
   * @param moments Σ p₂ p₂ᵀ of them
   */
  Tensor strongest(Tensor moments, Spectrum spectrum) {
    ProtectedSpace space = spaces.get(2);
    return Directions.outside(space, moments, spectrum).rows(1, space.width() - space.rank());
  }

  /** What becomes of updates; null where there is nothing to leave alone. */
  UpdateRule rule() {
    return placed.isEmpty()
        ? null
        : new UpdateRule() {
          @Override
          public Tensor apply(String parameter, Tensor update) {
            ProtectedSpace space = placed.get(parameter);
            return space == null ? update : space.leftOf(update);
          }

          @Override
          public boolean changes(String parameter) {
            return placed.containsKey(parameter);
          }
        };
  }

  /**
   * What a task keeps, by name; the tensors outlive the open scopes.
   *
   * @param moments of p₀, p₁ and p₂ of its inputs through the newest gate
   * @param threshold how much of them is to be left alone
   * @param task its name
   */
  Map<String, Tensor> grown(
      List<Tensor> moments, Spectrum spectrum, double threshold, String task) {
    Map<String, Tensor> all = new LinkedHashMap<>();
    List<String> ranks = new ArrayList<>();
    for (int i = 0; i < NAMES.size(); i++) {
      ProtectedSpace space = spaces.get(i);
      Tensor added =
          Directions.outside(space, moments.get(i), spectrum)
              .fewest(threshold, space.width() - space.rank());
      ProtectedSpace with = space.with(added);
      ranks.add("%d of %d for %s".formatted(with.rank(), with.width(), PARAMETERS.get(i)));
      all.putAll(kept(i).kept(added, with, placement));
    }
    LOG.info("Task {}: dimensions left alone by later gates: {}", task, String.join(", ", ranks));
    return all;
  }

  /** What a task keeps that protects nothing; it belongs to the open scope. */
  Map<String, Tensor> nothing() {
    Map<String, Tensor> none = new LinkedHashMap<>();
    for (int i = 0; i < NAMES.size(); i++) {
      none.putAll(kept(i).nothing(placement));
    }
    return none;
  }

  @Override
  public void close() {
    spaces.forEach(space -> Scopes.release(space.basis()));
    placed.values().forEach(space -> Scopes.release(space.basis()));
  }
}
