package org.dapt.config.read;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import org.dapt.config.key.Key;
import org.dapt.config.key.Keys;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives keys what is stated under their former names. */
public record FormerNames(Keys keys, Problems problems) {
  private static final Logger LOG = LoggerFactory.getLogger(FormerNames.class);

  /**
   * {@code merged} without former names. A key that is stated under two names is a problem, unless
   * one is stated by the command line, which goes first.
   */
  public Config replaced(Config merged) {
    var replaced = merged;
    for (var key : keys.all()) {
      for (var former : key.formerly()) {
        if (replaced.hasPathOrNull(former)) {
          replaced = replace(replaced, key, former);
        }
      }
    }
    return replaced;
  }

  private Config replace(Config from, Key key, String former) {
    var value = Leaves.at(from.root(), former);
    var where = Origins.where(value.origin());
    var now = Leaves.at(from.root(), key.name());
    var without = without(from, former);
    if (now == null || !isStated(now) || (!isCommandLine(now) && isCommandLine(value))) {
      LOG.warn(
          "{} ({}) is called {} now: please state it by that name.", former, where, key.name());
      return without.withValue(key.name(), value);
    }
    if (isCommandLine(value) == isCommandLine(now)) {
      problems.add(
          "%s (%s) is the former name of %s, which is stated too (%s): state the latter alone."
              .formatted(former, where, key.name(), Origins.where(now.origin())));
    }
    return without;
  }

  /** Takes a section with the last of its keys: it may be none of today. */
  private static Config without(Config from, String path) {
    var names = ConfigUtil.splitPath(path);
    var without = from.withoutPath(path);
    for (var depth = names.size() - 1; depth > 0; depth--) {
      var section = ConfigUtil.joinPath(names.subList(0, depth));
      if (without.getObject(section).isEmpty()) {
        without = without.withoutPath(section);
      }
    }
    return without;
  }

  private static boolean isStated(ConfigValue value) {
    var origin = value.origin().description();
    return !origin.startsWith(Reference.ORIGIN) && !origin.startsWith(Keys.BEFORE);
  }

  private static boolean isCommandLine(ConfigValue value) {
    return value.origin().description().equals(Origins.COMMAND_LINE);
  }
}
