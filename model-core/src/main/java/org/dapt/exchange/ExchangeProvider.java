package org.dapt.exchange;

import java.util.List;
import org.dapt.error.ConfigException;
import org.dapt.service.Services;

/**
 * Opens exchanges of one kind. Found by {@link Services}: a jar on the class path is enough to add
 * one.
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

  /** The names of all providers on the class path, sorted. */
  static List<String> names() {
    return all().names();
  }

  /**
   * The provider called {@code name}.
   *
   * @throws ConfigException if there is none on the class path
   */
  static ExchangeProvider named(String name) {
    return all().named("train.exchange", name);
  }

  private static Services<ExchangeProvider> all() {
    return Services.of(ExchangeProvider.class, ExchangeProvider::name);
  }
}
