package org.dapt.models;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.dapt.error.ConfigException;

/**
 * Where this user's processes on this machine keep what takes long to make again: {@code
 * DAPT_CACHE_DIR} (or the system property {@code dapt.cache.dir}), else {@code dapt} in {@code
 * XDG_CACHE_HOME} or {@code ~/.cache}; where none of these can be written, as on many executors, in
 * the folder of temporary files. All of it may be deleted at any time.
 */
final class CacheFolder {
  private static final String VARIABLE = "DAPT_CACHE_DIR";
  private static final String PROPERTY = "dapt.cache.dir";

  private CacheFolder() {}

  /**
   * The folder {@code name} of the cache; it exists and can be written.
   *
   * @throws ConfigException if there is no place for it
   */
  static Path of(String name) {
    List<Path> tried = new ArrayList<>();
    for (Path root : roots()) {
      try {
        Path folder = Files.createDirectories(root.resolve(name));
        if (Files.isWritable(folder)) {
          return folder;
        }
      } catch (IOException e) {
        // The next one, then.
      }
      tried.add(root);
    }
    throw new ConfigException(
        "None of %s can be written: set DAPT_CACHE_DIR to a folder that this user may write, on every machine."
            .formatted(tried));
  }

  private static List<Path> roots() {
    String named = System.getProperty(PROPERTY, System.getenv(VARIABLE));
    if (named != null && !named.isEmpty()) {
      return List.of(Path.of(named));
    }
    List<Path> roots = new ArrayList<>();
    String xdg = System.getenv("XDG_CACHE_HOME");
    roots.add(
        (xdg == null || xdg.isEmpty()
                ? Path.of(System.getProperty("user.home"), ".cache")
                : Path.of(xdg))
            .resolve("dapt"));
    temporary(roots);
    return roots;
  }

  /** In a folder that everybody writes, another user may own that of the name. */
  private static void temporary(List<Path> roots) {
    Path folder =
        Path.of(System.getProperty("java.io.tmpdir"), "dapt-" + System.getProperty("user.name"));
    try {
      if (!Files.exists(folder)) {
        Files.createDirectory(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      if (Files.getOwner(folder).getName().equals(System.getProperty("user.name"))) {
        roots.add(folder);
      }
    } catch (IOException | UnsupportedOperationException e) {
      // Then there is no such place.
    }
  }
}
