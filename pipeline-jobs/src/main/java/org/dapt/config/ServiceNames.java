package org.dapt.config;

import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Function;

/** The names of the services on the class path, which are the values that a key may have. */
final class ServiceNames {
  private ServiceNames() {}

  static <S> List<String> of(Class<S> service, Function<S, String> name) {
    return ServiceLoader.load(service, service.getClassLoader()).stream()
        .map(provider -> name.apply(provider.get()))
        .distinct()
        .sorted()
        .toList();
  }
}
