package org.dapt.method;

import java.util.List;
import org.dapt.error.ConfigException;
import org.dapt.service.Services;

/** The registry of methods. */
public final class ContinualMethods {
  private ContinualMethods() {}

  /** All methods on the class path, by name. */
  public static List<String> names() {
    return all().names();
  }

  /** Names of all methods that have {@code trait}. */
  public static List<String> names(Trait trait) {
    return names().stream().filter(name -> named(name).has(trait)).toList();
  }

  /**
   * The method called {@code name}.
   *
   * @throws ConfigException where there is none
   */
  public static ContinualMethod named(String name) {
    return all().named("method.name", name);
  }

  private static Services<ContinualMethod> all() {
    return Services.of(ContinualMethod.class, ContinualMethod::name);
  }
}
