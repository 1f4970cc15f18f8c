package org.dapt.config.key;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigOriginFactory;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The keys that a record of sections has: a component {@code maxNewTokens} of the section {@code
 * evaluate} is the key {@code evaluate.max-new-tokens}, a component that is a map is a section of
 * free keys.
 */
public final class Keys {
  /** The origin of what {@link #asBefore()} states. */
  public static final String BEFORE = "before the key";

  private final SortedMap<String, Key> byName = new TreeMap<>();
  private final SortedMap<String, Key> free = new TreeMap<>();

  private Keys() {}

  /** The keys of {@code root}, a record whose components are sections. */
  public static Keys of(Class<? extends Record> root) {
    var keys = new Keys();
    for (var section : root.getRecordComponents()) {
      var prefix = Components.kebab(section.getName());
      if (section.getType().isRecord()) {
        var hashed = section.getAnnotation(NotHashed.class) == null;
        for (var component : section.getType().getRecordComponents()) {
          var key = Key.of(prefix + "." + Components.kebab(component.getName()), component, hashed);
          keys.add(key, Map.class.isAssignableFrom(component.getType()));
        }
      } else if (Map.class.isAssignableFrom(section.getType())) {
        keys.add(Key.of(prefix, section, true), true);
      }
    }
    return keys;
  }

  private void add(Key key, boolean isFree) {
    (isFree ? free : byName).put(key.name(), key);
  }

  /** All keys with a value of their own. */
  public Collection<Key> all() {
    return Collections.unmodifiableCollection(byName.values());
  }

  /** The key {@code name}, or the free section that holds it. */
  public Optional<Key> of(String name) {
    return Optional.ofNullable(byName.get(name))
        .or(
            () ->
                free.values().stream()
                    .filter(key -> name.equals(key.name()) || name.startsWith(key.name() + "."))
                    .findFirst());
  }

  /** The name that the key of the name {@code stated} has today: {@code stated} if it is none. */
  public String today(String stated) {
    return byName.values().stream()
        .filter(key -> key.formerly().contains(stated))
        .map(Key::name)
        .findFirst()
        .orElse(stated);
  }

  /** What held before there were the keys that came later. */
  public Config asBefore() {
    var before = ConfigFactory.empty();
    for (var key : byName.values()) {
      if (key.asBefore().isPresent()) {
        var value = key.asBefore().get().withOrigin(ConfigOriginFactory.newSimple(BEFORE));
        before = before.withValue(key.name(), value);
      }
    }
    return before;
  }
}
