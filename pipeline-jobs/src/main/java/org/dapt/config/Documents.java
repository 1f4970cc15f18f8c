package org.dapt.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import java.nio.file.Files;
import java.nio.file.Path;

/** Parses HOCON and nothing else: no system properties, no {@code application.conf}. */
final class Documents {
  private Documents() {}

  /**
   * Parses a file and those that it includes.
   *
   * @throws ConfigException if it cannot be read or is no HOCON
   * @throws org.dapt.error.ConfigException if there is no such file
   */
  static Config fromFile(Path file) {
    if (!Files.exists(file)) {
      throw unusable(file, "does not exist");
    }
    if (!Files.isRegularFile(file)) {
      throw unusable(file, "is not a file");
    }
    if (!Files.isReadable(file)) {
      throw unusable(file, "may not be read by this user");
    }
    return ConfigFactory.parseFile(file.toFile(), options());
  }

  /**
   * Parses a text.
   *
   * @param origin how messages name the text
   * @throws ConfigException if it is no HOCON
   */
  static Config fromText(String text, String origin) {
    return ConfigFactory.parseString(text, options().setOriginDescription(origin));
  }

  /** What {@code failure} says, without its place. */
  static String reason(ConfigException failure) {
    var message = String.valueOf(failure.getMessage());
    var origin = failure.origin();
    if (origin == null) {
      return message;
    }
    var place = origin.description() + ": ";
    return message.startsWith(place) ? message.substring(place.length()) : message;
  }

  private static org.dapt.error.ConfigException unusable(Path file, String reason) {
    return new org.dapt.error.ConfigException(
        "The configuration file %s %s, expected a HOCON file: correct --config."
            .formatted(file, reason));
  }

  private static ConfigParseOptions options() {
    return ConfigParseOptions.defaults()
        .setAllowMissing(false)
        .setSyntax(ConfigSyntax.CONF)
        .setIncluder(new RequiredIncludes());
  }

  /** Includes files relative to the file that names them, which must be there. */
  private static final class RequiredIncludes implements ConfigIncluder {
    @Override
    public ConfigIncluder withFallback(ConfigIncluder fallback) {
      return this;
    }

    @Override
    public ConfigObject include(ConfigIncludeContext context, String what) {
      var included = context.relativeTo(what);
      if (included == null) {
        throw new ConfigException.Generic(
            "include \"%s\": there is no file to which it could be relative".formatted(what));
      }
      // HOCON passes over a missing file in silence, which hides a misspelt name.
      return included.parse(context.parseOptions().setAllowMissing(false));
    }
  }
}
