package org.dapt.realign;

import java.util.List;
import org.dapt.error.ConfigException;
import org.dapt.service.Services;

/**
 * Fits a selection module to the attention that replayed inputs shall have. Found by {@link
 * Services}: a jar on the class path is enough to add one.
 */
public interface SelectionEngine {
  /** The name under which it is configured. */
  String name();

  /**
   * Takes the steps of {@code plan}, on the executors.
   *
   * @throws org.dapt.error.TrainingException if a loss is not finite, or the fit does not move
   */
  FittedSelection fit(FitPlan plan);

  /** The names of all engines on the class path, sorted. */
  static List<String> names() {
    return all().names();
  }

  /**
   * The engine called {@code name}.
   *
   * @throws ConfigException if there is none on the class path
   */
  static SelectionEngine named(String name) {
    return all().named("realign.engine", name);
  }

  private static Services<SelectionEngine> all() {
    return Services.of(SelectionEngine.class, SelectionEngine::name);
  }
}
