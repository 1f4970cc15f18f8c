package org.dapt.config.read;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** Parses HOCON and nothing else: no system properties, no {@code application.conf}. */
public final class Documents {
  /** Fifty names of the same few files after a cycle of includes, and a hint for other syntaxes. */
  private static final List<Pattern> NOISE =
      List.of(
          Pattern.compile(" Trace: .*"),
          Pattern.compile(", or you may be able to rename the file \\.properties[^)]*"));

  private Documents() {}

  /**
   * Parses a file and those that it includes.
   *
   * @throws ConfigException if it cannot be read or is no HOCON
   * @throws org.dapt.error.ConfigException if there is no such file
   */
  public static Config fromFile(Path file) {
    if (!Files.exists(file)) {
      throw unusable(file, "does not exist");
    }
    if (!Files.isRegularFile(file)) {
      throw unusable(file, "is not a file");
    }
    if (!Files.isReadable(file)) {
      throw unusable(file, "may not be read by this user");
    }
    return bounded(
        file.toString(), () -> ConfigFactory.parseFile(file.toFile(), options(file.toString())));
  }

  /**
   * Parses a text.
   *
   * @param origin how messages name the text
   * @throws ConfigException if it is no HOCON
   */
  public static Config fromText(String text, String origin) {
    return bounded(
        origin,
        () -> ConfigFactory.parseString(text, options(origin).setOriginDescription(origin)));
  }

  /** The parser goes as deep as the document does. */
  private static Config bounded(String document, Supplier<Config> parse) {
    try {
      return parse.get();
    } catch (StackOverflowError e) {
      throw tooDeep(document, e);
    }
  }

  /** The failure for sections, lists or substitutions in each other without an end. */
  public static org.dapt.error.ConfigException tooDeep(String document, Throwable cause) {
    return new org.dapt.error.ConfigException(
        "%s has sections or lists nested too deep to be read: expected the few levels of reference.conf."
            .formatted(document),
        cause);
  }

  /** What {@code failure} says, without its place. */
  public static String reason(ConfigException failure) {
    var message = String.valueOf(failure.getMessage());
    for (var noise : NOISE) {
      message = noise.matcher(message).replaceFirst("");
    }
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

  private static ConfigParseOptions options(String document) {
    return ConfigParseOptions.defaults()
        .setAllowMissing(false)
        .setSyntax(ConfigSyntax.CONF)
        .setIncluder(new RequiredIncludes(document));
  }

  /** Includes files relative to the file that names them, which must be there. */
  private record RequiredIncludes(String document) implements ConfigIncluder, ConfigIncluderFile {
    @Override
    public ConfigIncluder withFallback(ConfigIncluder fallback) {
      return this;
    }

    @Override
    public ConfigObject include(ConfigIncludeContext context, String what) {
      // HOCON passes over a missing file in silence, which hides a misspelt name.
      var required = context.parseOptions().setAllowMissing(false);
      var included = context.relativeTo(what);
      try {
        if (included != null) {
          return included.parse(required);
        }
      } catch (ConfigException.IO e) {
        throw missing(what, e);
      }
      throw missing(what, null);
    }

    @Override
    public ConfigObject includeFile(ConfigIncludeContext context, File what) {
      try {
        return ConfigFactory.parseFile(what, context.parseOptions().setAllowMissing(false)).root();
      } catch (ConfigException.IO e) {
        throw missing(what.toString(), e);
      }
    }

    private ConfigException missing(String what, Throwable cause) {
      return new ConfigException.Generic(
          "%s, or a file that it includes, includes \"%s\", which does not exist or cannot be read"
                  .formatted(document, what)
              + ": expected a file, relative to the one that includes it.",
          cause);
    }
  }
}
