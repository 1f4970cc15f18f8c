package org.dapt.service;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.dapt.error.ConfigException;
import org.dapt.error.NearestNames;
import org.dapt.error.Shown;

/**
 * The implementations of an interface on the class path, by the names that they give themselves.
 * They are found by {@link ServiceLoader}: a jar on the class path is enough to add one.
 *
 * @param <S> the interface
 */
public final class Services<S> {
  private final SortedMap<String, S> byName;

  private Services(SortedMap<String, S> byName) {
    this.byName = byName;
  }

  /**
   * All of {@code service}, where each has one name.
   *
   * @throws ConfigException if one cannot be loaded, or two have the same name
   */
  public static <S> Services<S> of(Class<S> service, Function<? super S, String> name) {
    return ofMany(service, found -> List.of(name.apply(found)));
  }

  /**
   * All of {@code service}, where each may have several names.
   *
   * @throws ConfigException if one cannot be loaded, or two have a name in common
   */
  public static <S> Services<S> ofMany(
      Class<S> service, Function<? super S, ? extends Collection<String>> names) {
    TreeMap<String, S> byName = new TreeMap<String, S>();
    try {
      // Not the context class loader: what is found must implement the interface of this very
      // loader, and in an executor's thread the context may be another one.
      for (S found : ServiceLoader.load(service, service.getClassLoader())) {
        for (String name : names.apply(found)) {
          S other = byName.put(name, found);
          if (other != null && other != found) {
            throw new ConfigException(
                "There are two classes with the name '%s' on the class path, %s and %s: expected one %s of a name. Take the jar of one of them away."
                    .formatted(
                        Shown.of(name),
                        other.getClass().getName(),
                        found.getClass().getName(),
                        service.getSimpleName()));
          }
        }
      }
    } catch (ServiceConfigurationError e) {
      throw new ConfigException(
          "A jar on the class path offers a %s that cannot be loaded: %s. Correct its META-INF/services, or take it away."
              .formatted(service.getSimpleName(), e.getMessage()),
          e);
    }
    return new Services<>(byName);
  }

  /** All names, sorted. */
  public List<String> names() {
    return List.copyOf(byName.keySet());
  }

  /** The one called {@code name}; empty if there is none. */
  public Optional<S> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /**
   * The one called {@code name}.
   *
   * @param key of the configuration, which says {@code name}
   * @throws ConfigException if there is none: with the known names and the nearest of them
   */
  public S named(String key, String name) {
    return find(name).orElseThrow(() -> unknown(key, name));
  }

  private ConfigException unknown(String key, String name) {
    return new ConfigException(
        "%s is '%s', expected one of %s; the nearest is %s. Correct the key, or put the jar that has it on the class path."
            .formatted(
                key,
                Shown.of(name),
                names(),
                names().stream().min(NearestNames.to(name)).orElse("none")));
  }
}
