package org.dapt.exchange;

import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import org.dapt.error.ConfigException;

/**
 * Opens exchanges of one kind. Found by {@link ServiceLoader}: a jar on the class path is enough to
 * add one.
 */
public interface ExchangeProvider {
  /** The name under which the exchange is configured. */
  String name();

  /** Whether vectors travel over the network neither encrypted nor authenticated. */
  boolean plaintext();

  /**
   * Opens this rank's end. All ranks call it at the same time and gather exactly once.
   *
   * @throws ExchangeException if the peers do not come in time
   * @throws ConfigException if the ranks are placed such that this exchange cannot join them
   */
  GradientExchange open(Rendezvous rendezvous);

  /**
   * The provider called {@code name}.
   *
   * @throws ConfigException if there is none on the class path
   */
  static ExchangeProvider named(String name) {
    Map<String, ExchangeProvider> found = new TreeMap<>();
    // Not the context class loader: what is found must implement the interface of this very loader.
    ServiceLoader.load(ExchangeProvider.class, ExchangeProvider.class.getClassLoader())
        .forEach(provider -> found.put(provider.name(), provider));
    ExchangeProvider provider = found.get(name);
    if (provider == null) {
      throw new ConfigException(
          "train.exchange is \""
              + name
              + "\", which is not on the class path. There is: "
              + String.join(", ", found.keySet())
              + ".");
    }
    return provider;
  }
}
