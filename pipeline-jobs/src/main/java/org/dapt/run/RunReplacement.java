package org.dapt.run;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.ParentNotDirectoryException;
import org.apache.hadoop.fs.Path;
import org.dapt.data.file.AtomicFile;
import org.dapt.data.file.ReadableFile;
import org.dapt.error.ConfigException;

/**
 * A run that is written beside its place and put there once it is complete. What is cut off on the
 * way is finished by {@link #finish}: every step of it can be taken again, on file systems too
 * whose renaming of a folder is many steps. From the deletion of the former run.json until the new
 * one is there, the folder is no run; whoever would open or start one there is sent back.
 *
 * <p>To be used by the holder of the lease in {@code root}, which stays where it is.
 *
 * @param files where both lie
 * @param root the place of the run, with scheme and authority
 */
public record RunReplacement(FileSystem files, Path root) {
  /** In the folder beside: the new run is whole. Holds the command that wrote it. */
  private static final String COMPLETE = "_COMPLETE";

  /** In the folder beside: nothing of the former run is left, what is there is of the new one. */
  private static final String CLEARED = "_CLEARED";

  /** What is not moved with the rest. The run.json is the last that is. */
  private static final Set<String> APART =
      Set.of(COMPLETE, CLEARED, RunDirectory.LEASE_FILE, RunDirectory.RUN_FILE);

  /** The folder beside {@code root} in which the new run is written. */
  public Path staging() {
    // As a whole: a name with a colon would be taken for one with a scheme.
    URI uri = root.toUri();
    String path = uri.getPath();
    int name = path.lastIndexOf('/') + 1;
    return new Path(
        uri.getScheme(),
        uri.getAuthority(),
        path.substring(0, name) + "." + path.substring(name) + ".assembled");
  }

  /**
   * Makes {@link #staging} an empty folder.
   *
   * @throws IllegalStateException if a complete run waits there for {@link #finish}
   */
  public void begin() throws IOException {
    if (waiting().isPresent() && !isRun()) {
      throw new IllegalStateException(staging() + " is the only copy of a run");
    }
    discard();
    files.mkdirs(staging());
  }

  /**
   * Puts the run in {@link #staging}, which is whole, in the place of what is at {@code root}.
   *
   * @param command that wrote it, without {@code dapt}, as one is told to give it again
   */
  public void replace(String command) throws IOException {
    AtomicFile.write(files, complete(), command.getBytes(StandardCharsets.UTF_8));
    files.delete(runFile(root), false);
    finish();
  }

  /**
   * Goes on with a {@link #replace} that was cut off. One that had not touched the former run is
   * dropped: that run may have gone on since.
   *
   * @return the command that had begun it; empty where there is none
   */
  public Optional<String> finish() throws IOException {
    Optional<String> command = waiting();
    if (command.isEmpty()) {
      return command;
    }
    if (!isRun()) {
      Path cleared = new Path(staging(), CLEARED);
      if (!files.exists(cleared)) {
        clear();
        AtomicFile.write(files, cleared, new byte[0]);
      }
      move(staging(), root);
      move(runFile(staging()), runFile(root), false);
    }
    discard();
    return command;
  }

  /** The command whose complete run waits to be put in place; empty where none does. */
  public Optional<String> waiting() throws IOException {
    try (var in = ReadableFile.open(files, complete())) {
      return Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (FileNotFoundException | ParentNotDirectoryException e) {
      return Optional.empty();
    }
  }

  /** Refuses a folder that is no run only because its replacement was cut off. */
  void requireNone() throws IOException {
    Optional<String> command = waiting();
    if (command.isPresent()) {
      throw new ConfigException(
          "%s is no run directory at the moment: dapt %s was putting a new run there, which is complete in %s, and was cut off if it does not work any more. Give that command again: it finishes what it began. If neither run is wanted, delete both folders."
              .formatted(RunFiles.shown(root), command.get(), RunFiles.shown(staging())));
    }
  }

  private boolean isRun() throws IOException {
    return files.exists(runFile(root));
  }

  private static Path runFile(Path folder) {
    return new Path(folder, RunDirectory.RUN_FILE);
  }

  private Path complete() {
    return new Path(staging(), COMPLETE);
  }

  private void clear() throws IOException {
    for (FileStatus old : list(root)) {
      Path path = old.getPath();
      if (!path.getName().equals(RunDirectory.LEASE_FILE) && !AtomicFile.isTemporary(path)) {
        files.delete(path, true);
      }
    }
  }

  /** File by file: of a folder an object store may move a part. */
  private void move(Path from, Path to) throws IOException {
    files.mkdirs(to);
    for (FileStatus child : list(from)) {
      Path path = child.getPath();
      boolean apart = from.equals(staging()) && APART.contains(path.getName());
      if (!apart && !AtomicFile.isTemporary(path)) {
        move(path, new Path(to, path.getName()), child.isDirectory());
      }
    }
  }

  private void move(Path from, Path to, boolean folder) throws IOException {
    if (folder) {
      move(from, to);
      return;
    }
    // Copied already, and not deleted here, where that is two steps.
    files.delete(to, false);
    if (!files.rename(from, to)) {
      throw new IOException("%s could not be renamed to %s".formatted(from, to));
    }
  }

  private List<FileStatus> list(Path folder) throws IOException {
    try {
      return Arrays.asList(files.listStatus(folder));
    } catch (FileNotFoundException e) {
      return List.of();
    }
  }

  /** Nobody may take what is half deleted for complete. */
  private void discard() throws IOException {
    files.delete(complete(), false);
    files.delete(staging(), true);
  }
}
