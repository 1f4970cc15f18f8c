package org.dapt.config.read;

import com.typesafe.config.ConfigOrigin;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * Makes relative paths absolute.
 *
 * @param documents the directory of the configuration file, for values whose own file is not known
 */
public record SettingPaths(Path documents) {
  // Two characters at least: one is the drive of a Windows path.
  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:.*");

  /**
   * Values with a scheme stay as they are. Those of the command line are relative to the working
   * directory, others to the directory of the file that states them.
   *
   * @throws java.nio.file.InvalidPathException if {@code text} can be no path
   */
  String absolute(String text, ConfigOrigin origin) {
    return SCHEME.matcher(text).matches()
        ? text
        : base(origin).resolve(text).normalize().toString();
  }

  private Path base(ConfigOrigin origin) {
    if (origin.filename() != null) {
      return Path.of(origin.filename()).toAbsolutePath().getParent();
    }
    return origin.description().equals(Origins.COMMAND_LINE)
        ? Path.of("").toAbsolutePath()
        : documents;
  }
}
