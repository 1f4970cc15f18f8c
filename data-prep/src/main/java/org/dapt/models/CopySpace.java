package org.dapt.models;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.dapt.error.ConfigException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The room for copies of models: all together take at most {@code limit} bytes. What nobody uses
 * goes first, the one that was used longest ago before the others; what nobody used for a month
 * goes anyway.
 *
 * @param root the folder of the copies
 * @param limit in bytes
 */
record CopySpace(Path root, long limit) {
  private static final Logger LOG = LoggerFactory.getLogger(CopySpace.class);
  private static final String VARIABLE = "DAPT_CACHE_GIB";
  private static final long USUAL_GIB = 100;
  private static final String LOCK = ".lock";
  private static final String PART = ".part";
  private static final Duration OLD = Duration.ofDays(30);

  /** A copy, whole or not, with its lock. */
  private record Copy(Path folder, FileTime used, long bytes) {}

  /** The limit of this user: {@code DAPT_CACHE_GIB}, 100 GiB where it is not set. */
  static long usual() {
    String set = System.getenv(VARIABLE);
    if (set == null || set.isEmpty()) {
      return USUAL_GIB << 30;
    }
    try {
      double gib = Double.parseDouble(set);
      if (gib >= 0 && gib < 1 << 20) {
        return (long) (gib * (1L << 30));
      }
    } catch (NumberFormatException e) {
      // Refused below.
    }
    throw new ConfigException(
        VARIABLE + " is '" + set + "', expected the most GiB that copies of models may take.");
  }

  static Path lockOf(Path copy) {
    return copy.resolveSibling(copy.getFileName() + LOCK);
  }

  static Path partOf(Path copy) {
    return copy.resolveSibling(copy.getFileName() + PART);
  }

  /** Notes that a copy is used now. */
  static void used(Path copy) throws IOException {
    Files.setLastModifiedTime(copy, FileTime.from(Instant.now()));
  }

  /**
   * Removes copies so that {@code bytes} more for {@code copy} keep the limit, as far as that is
   * possible.
   *
   * @param model how the user names the model that is copied
   * @throws ConfigException if the disk has no room for them
   */
  void makeRoom(Path copy, long bytes, String model) throws IOException {
    trim(limit - bytes, copy);
    long free = Files.getFileStore(root).getUsableSpace();
    if (free < bytes) {
      throw new ConfigException(
          "The copy of the model %s takes %d MiB, and %s has %d MiB free. Make room there, or set DAPT_CACHE_DIR to a folder on a larger disk."
              .formatted(model, bytes >> 20, root, free >> 20));
    }
  }

  /** Removes what is beyond the limit. */
  void trim() throws IOException {
    trim(limit, null);
  }

  /**
   * @param own a copy whose lock this process holds, or null: to open the file of a lock and close
   *     it again would release it
   */
  private void trim(long allowed, Path own) throws IOException {
    List<Copy> copies = copies().stream().filter(copy -> !copy.folder().equals(own)).toList();
    long total = copies.stream().mapToLong(Copy::bytes).sum();
    FileTime old = FileTime.from(Instant.now().minus(OLD));
    for (Copy copy : copies) {
      if ((total > allowed || copy.used().compareTo(old) < 0) && remove(copy.folder())) {
        LOG.info("Removed the copy {} of a model", copy.folder());
        total -= copy.bytes();
      }
    }
  }

  /** All copies, the one that was used longest ago first. */
  private List<Copy> copies() throws IOException {
    List<Copy> copies = new ArrayList<>();
    try (Stream<Path> locks = Files.list(root)) {
      for (Path lock : locks.filter(path -> path.toString().endsWith(LOCK)).toList()) {
        String name = lock.getFileName().toString();
        Path folder = lock.resolveSibling(name.substring(0, name.length() - LOCK.length()));
        long bytes = bytes(folder) + bytes(partOf(folder));
        if (bytes > 0) {
          Path there = Files.exists(folder) ? folder : partOf(folder);
          copies.add(new Copy(folder, Files.getLastModifiedTime(there), bytes));
        }
      }
    }
    copies.sort(Comparator.comparing(Copy::used));
    return copies;
  }

  /** Whether the copy could be removed: not while another process copies it or loads from it. */
  private static boolean remove(Path copy) throws IOException {
    try (FileChannel channel = FileChannel.open(lockOf(copy), StandardOpenOption.WRITE);
        FileLock alone = channel.tryLock()) {
      if (alone == null) {
        return false;
      }
      delete(partOf(copy));
      delete(copy);
      return true;
    } catch (java.nio.channels.OverlappingFileLockException e) {
      // This process itself holds it.
      return false;
    }
  }

  static void delete(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.deleteIfExists(file);
        }
      }
      Files.deleteIfExists(folder);
    }
  }

  private static long bytes(Path folder) throws IOException {
    long bytes = 0;
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          bytes += Files.size(file);
        }
      }
    }
    return bytes;
  }
}
