package org.dapt.method;

import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.StreamSupport;
import org.dapt.error.ConfigException;

/** The registry of methods. */
public final class ContinualMethods {
  private ContinualMethods() {}

  /** All methods on the class path, by name. */
  public static List<String> names() {
    return all().stream().map(ContinualMethod::name).sorted().toList();
  }

  /** Names of all methods that have {@code trait}. */
  public static List<String> names(Trait trait) {
    return all().stream()
        .filter(method -> method.has(trait))
        .map(ContinualMethod::name)
        .sorted()
        .toList();
  }

  /**
   * The method called {@code name}.
   *
   * @throws ConfigException where there is none
   */
  public static ContinualMethod named(String name) {
    return all().stream()
        .filter(method -> method.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new ConfigException(
                    "method.name is '" + name + "'; known are " + String.join(", ", names())));
  }

  private static List<ContinualMethod> all() {
    return StreamSupport.stream(
            ServiceLoader.load(ContinualMethod.class, ContinualMethods.class.getClassLoader())
                .spliterator(),
            false)
        .toList();
  }
}
