package org.dapt.method.olora;

import java.util.ArrayList;
import java.util.List;
import org.dapt.method.OptionReader;
import org.dapt.method.StepTerm;

/**
 * The section {@code method.options}, with the defaults of the published code.
 *
 * @param squared whether entries of Aᵢ Aₜᵀ count squared, or by their absolute values
 * @param lambda1 λ₁, factor of the orthogonality
 * @param lambda2 λ₂, factor of the norms of the new matrices
 */
public record OLoraOptions(boolean squared, double lambda1, double lambda2) {
  /** Asks for {@code form}, {@code lambda1} and {@code lambda2}. */
  public static OLoraOptions read(OptionReader in) {
    return new OLoraOptions(
        in.choice("form", List.of("absolute", "squared"), "absolute").equals("squared"),
        in.number("lambda1", 0, Double.MAX_VALUE, 0.5),
        in.number("lambda2", 0, Double.MAX_VALUE, 0.0));
  }

  /** The terms of the loss that keep a block away from earlier ones. */
  public List<StepTerm> terms(Orthogonality orthogonality) {
    List<StepTerm> terms = new ArrayList<>();
    terms.add(
        new StepTerm(
            "orthogonality",
            lambda1,
            step -> squared ? orthogonality.squared() : orthogonality.absolute()));
    if (lambda2 > 0) {
      terms.add(new StepTerm("norm", lambda2, step -> orthogonality.norm()));
    }
    return terms;
  }
}
