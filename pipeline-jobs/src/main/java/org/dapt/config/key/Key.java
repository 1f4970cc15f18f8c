package org.dapt.config.key;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValue;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Optional;

/**
 * A key, or a section whose keys are free.
 *
 * @param name with its section, {@code train.epochs} for example
 * @param formerly other names of before, the oldest first
 * @param hashed whether it takes part in the hash
 * @param mayChange whether the hash of a run keeps the value that the run was started with
 * @param asBefore what held before there was this key; empty for keys of the first version
 */
public record Key(
    String name,
    List<String> formerly,
    boolean hashed,
    boolean mayChange,
    Optional<ConfigValue> asBefore) {
  static Key of(String name, RecordComponent component, boolean hashed) {
    var formerly = component.getAnnotation(Formerly.class);
    var asBefore = component.getAnnotation(AsBefore.class);
    return new Key(
        name,
        formerly == null ? List.of() : List.of(formerly.value()),
        hashed && component.getAnnotation(NotHashed.class) == null,
        component.getAnnotation(MayChange.class) != null,
        Optional.ofNullable(asBefore)
            .map(then -> ConfigFactory.parseString("v = " + then.value()).getValue("v")));
  }

  /** The name by which stored runs know the key. */
  public String firstName() {
    return formerly.isEmpty() ? name : formerly.get(0);
  }
}
