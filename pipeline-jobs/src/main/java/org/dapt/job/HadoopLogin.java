package org.dapt.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.security.UserGroupInformation;
import org.dapt.error.ConfigException;
import org.dapt.error.Shown;

/** The login to Hadoop, which every file system needs, also the local one. */
final class HadoopLogin {
  /** What Java's login says where the system knows no name for the id of the user. */
  private static final String NAMELESS = "invalid null input";

  private HadoopLogin() {}

  /**
   * Logs in, unless that is done.
   *
   * @throws ConfigException if Hadoop refuses, with the reason in one line
   */
  static void check() {
    try {
      UserGroupInformation.getCurrentUser();
    } catch (IOException e) {
      throw explained(e);
    }
  }

  private static ConfigException explained(IOException failure) {
    var first = reason(failure);
    return new ConfigException(
        first.contains(NAMELESS)
            ? "The user of this process has the id %s, which has no name on this system, and Hadoop cannot log in without one. Add a line such as dapt:x:%1$s:0::/tmp:/bin/sh to /etc/passwd (of the image, in a container), or run dapt as a user that has a name."
                .formatted(userId())
            : "Hadoop cannot log in: %s. Check the Kerberos ticket (klist) and hadoop.security.authentication in core-site.xml or spark.hadoop.hadoop.security.authentication."
                .formatted(Shown.of(first)),
        failure);
  }

  /** The message of the innermost failure, of which Java's login makes a whole stack trace. */
  private static String reason(Throwable failure) {
    var innermost = failure;
    while (innermost.getCause() != null) {
      innermost = innermost.getCause();
    }
    return String.valueOf(innermost.getMessage()).lines().findFirst().orElse("");
  }

  private static String userId() {
    try {
      return Files.getAttribute(Path.of("/proc/self"), "unix:uid").toString();
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      return "that id -u prints";
    }
  }
}
