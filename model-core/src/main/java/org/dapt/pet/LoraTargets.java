package org.dapt.pet;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.dapt.backbone.Projection;
import org.dapt.error.ConfigException;

/**
 * Which linear layers of a model LoRA blocks adapt.
 *
 * @param names of layers: {@code q}, {@code gate} or {@code wo} for those of all layers, {@code
 *     q_proj} as its family calls it, a path or the end of one as in PEFT's {@code target_modules},
 *     or {@value #ALL_LINEAR}
 */
public record LoraTargets(List<String> names) {
  /** The name of all linear layers but the output head, as in PEFT. */
  public static final String ALL_LINEAR = "all-linear";

  /** The method is defined on the query and value projections of every attention. */
  public static final LoraTargets DEFAULT = new LoraTargets(List.of("q", "v"));

  /** What the modules of Llama models have behind their short names. */
  private static final String LONG = "_proj";

  /** Keeps a copy. */
  public LoraTargets {
    names = List.copyOf(names);
  }

  /**
   * Those of {@code projections} that are named, in their order.
   *
   * @throws ConfigException where a name is that of none
   */
  public List<Projection> of(List<Projection> projections) {
    List<String> unknown =
        names.stream()
            .filter(name -> projections.stream().noneMatch(p -> isNamed(p.name(), name)))
            .toList();
    if (!unknown.isEmpty() || names.isEmpty()) {
      throw new ConfigException(
          "lora.targets %s; expected are %s, short ones without %s, the path of a module such as %s, or %s."
              .formatted(
                  names.isEmpty()
                      ? "names nothing"
                      : "has '%s', which no linear layer of this model is called"
                          .formatted(String.join("', '", unknown)),
                  projections.stream()
                      .map(Projection::role)
                      .distinct()
                      .collect(Collectors.joining(", ")),
                  LONG,
                  projections.isEmpty()
                      ? "model.layers.0.self_attn.q_proj"
                      : projections.get(0).name(),
                  ALL_LINEAR));
    }
    return namedAmong(projections);
  }

  /** The same, whatever the names that fit none; empty where none fits. */
  public List<Projection> namedAmong(List<Projection> projections) {
    return projections.stream()
        .filter(projection -> names.stream().anyMatch(name -> isNamed(projection.name(), name)))
        .toList();
  }

  /**
   * PEFT's {@code target_modules} for these targets: each the name of a module, or the end of its
   * path.
   *
   * @param modules paths of all modules that a block adapts
   */
  public List<String> peftNames(List<String> modules) {
    TreeSet<String> all = new TreeSet<>();
    for (String name : names) {
      if (name.equals(ALL_LINEAR)) {
        modules.forEach(module -> all.add(role(module)));
      } else if (hasRole(modules, name + LONG) && !hasRole(modules, name)) {
        all.add(name + LONG);
      } else {
        all.add(name);
      }
    }
    return new ArrayList<>(all);
  }

  private static boolean isNamed(String module, String name) {
    Predicate<String> ends = end -> module.equals(end) || module.endsWith("." + end);
    return name.equals(ALL_LINEAR)
        || ends.test(name)
        || (name.indexOf('.') < 0 && role(module).equals(name + LONG));
  }

  private static boolean hasRole(List<String> modules, String role) {
    return modules.stream().anyMatch(module -> role(module).equals(role));
  }

  private static String role(String module) {
    return module.substring(module.lastIndexOf('.') + 1);
  }
}
