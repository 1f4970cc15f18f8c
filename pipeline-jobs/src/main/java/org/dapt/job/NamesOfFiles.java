package org.dapt.job;

import java.nio.charset.Charset;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.dapt.config.DaptConfig;
import org.dapt.error.ConfigException;
import org.dapt.error.Shown;

/**
 * Whether this process can write the names that a configuration has. Java writes the names of local
 * files, and reads arguments, in the character set of the locale; in the locale POSIX, which
 * containers and cron have, that is ASCII, and everything else becomes a question mark: two tasks
 * could share a folder, and another process would not find it.
 */
final class NamesOfFiles {
  private static final char REPLACED = '\ufffd';

  private NamesOfFiles() {}

  /** By the character set of this process. */
  static void check(DaptConfig config) {
    check(config, Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8")));
  }

  /**
   * Checks the tasks' names and the paths.
   *
   * @throws ConfigException if one was misread or cannot be written in {@code charset}
   */
  static void check(DaptConfig config, Charset charset) {
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put("run.dir", config.run().dir());
    texts.put("tasks.root", config.tasks().root());
    texts.put("model.path", config.model().path());
    var local = texts.entrySet().stream().anyMatch(text -> isLocal(text.getKey(), text.getValue()));
    texts.put("tasks.order", String.join(", ", config.tasks().order()));
    texts.forEach(
        (key, text) -> {
          var misread = text.indexOf(REPLACED) >= 0;
          var unwritable = local && !charset.newEncoder().canEncode(text);
          if (misread || unwritable) {
            throw new ConfigException(
                "%s is %s, which %s: names are read and written in the character set %s here, as the locale says (LC_ALL=%s, LANG=%s). Start dapt with LC_ALL=C.UTF-8."
                    .formatted(
                        key,
                        Shown.of(text),
                        misread ? "was not read right" : "cannot be the name of a file",
                        charset,
                        System.getenv().getOrDefault("LC_ALL", ""),
                        System.getenv().getOrDefault("LANG", "")));
          }
        });
  }

  private static boolean isLocal(String key, String path) {
    try {
      var scheme = new Path(path).toUri().getScheme();
      return scheme == null || scheme.equals("file");
    } catch (IllegalArgumentException e) {
      throw new ConfigException(
          "%s is %s, which is no path: %s. What stands before a colon is taken for a file system: write ./ in front of a relative path with a colon."
              .formatted(key, Shown.of(path), Shown.of(e.getMessage())),
          e);
    }
  }
}
