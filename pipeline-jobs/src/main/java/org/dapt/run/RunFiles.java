package org.dapt.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.ParentNotDirectoryException;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsAction;
import org.apache.hadoop.security.AccessControlException;
import org.dapt.data.file.AtomicFile;
import org.dapt.data.file.JsonFile;
import org.dapt.data.file.ReadableFile;
import org.dapt.error.ConfigException;
import org.dapt.error.LeaseException;
import org.dapt.io.JsonObjects;
import org.dapt.run.RunDirectory.Identity;

/** The files by which the folder {@code root} is a run directory. */
record RunFiles(FileSystem files, Path root) {
  /** Key of {@link Stored#data}, which is left out where that is null. */
  static final String DATA = "data";

  private static final String UP = "../";
  private static final long LOOK_NANOS = 100_000_000;

  /**
   * What is stored about a run.
   *
   * @param configText empty if its file is missing
   * @param data folder of the prepared data, relative to the run where it lies near; null where
   *     they are in the run
   */
  record Stored(String runId, Identity identity, String configText, String data) {}

  /** Those of {@code root}. */
  static RunFiles at(Configuration hadoop, Path root) throws IOException {
    FileSystem files = root.getFileSystem(hadoop);
    return new RunFiles(files, files.makeQualified(root));
  }

  /** Whether the folder is a run directory. */
  boolean isRun() throws IOException {
    return exists(new Path(root, RunDirectory.RUN_FILE));
  }

  /**
   * Throws a {@link ConfigException} where the folder holds what is not of a run, and an {@link
   * IOException} where it cannot be written, as far as that can be known without trying. To be
   * asked of a folder that is no run directory; another process may make it one meanwhile.
   */
  void requireFree() throws IOException {
    new RunReplacement(files, root).requireNone();
    try {
      if (!files.getFileStatus(root).isDirectory()) {
        throw new ConfigException(
            "run.dir = %s is a file, a folder is expected: give one that is empty or does not exist."
                .formatted(shown(root)));
      }
      List<String> foreign =
          Arrays.stream(files.listStatus(root))
              .map(status -> status.getPath())
              .filter(
                  path ->
                      !path.getName().equals(RunDirectory.LEASE_FILE)
                          && !AtomicFile.isTemporary(path))
              .map(Path::getName)
              .sorted()
              .toList();
      if (!foreign.isEmpty() && !foreign.contains(RunDirectory.RUN_FILE)) {
        throw new ConfigException(
            "run.dir = %s holds other files (%s) and no %s: it is not a run directory. Give a folder that is empty or does not exist."
                .formatted(
                    shown(root),
                    String.join(", ", foreign.subList(0, Math.min(3, foreign.size()))),
                    RunDirectory.RUN_FILE));
      }
    } catch (FileNotFoundException e) {
      // Nothing there: free.
    }
    requireWritable();
  }

  private void requireWritable() throws IOException {
    Path nearest = root;
    while (!exists(nearest) && nearest.getParent() != null) {
      nearest = nearest.getParent();
    }
    if (!files.getFileStatus(nearest).isDirectory()) {
      throw new IOException(shown(nearest) + " is not a directory");
    }
    boolean writable;
    if (files instanceof LocalFileSystem) {
      // Hadoop goes by owner and mode alone, and knows neither the superuser nor access lists.
      writable = Files.isWritable(java.nio.file.Path.of(nearest.toUri().getPath()));
    } else {
      try {
        files.access(nearest, FsAction.WRITE);
        writable = true;
      } catch (AccessControlException e) {
        writable = false;
      }
    }
    if (!writable) {
      throw new IOException(shown(nearest) + " cannot be written by this user");
    }
  }

  private boolean exists(Path path) throws IOException {
    try {
      return files.exists(path);
    } catch (ParentNotDirectoryException e) {
      return false;
    }
  }

  /**
   * Starts a run in a folder that does not exist or holds nothing but a lease. Of several processes
   * at once one does, the others find its run.
   *
   * @throws LeaseException if another process works there and has not started a run
   */
  void start(Identity identity, String configText, Path data) throws IOException {
    requireFree();
    try (Lease lease = lease()) {
      if (!isRun()) {
        create(identity, configText, data);
      }
    } catch (LeaseException e) {
      if (!appears()) {
        throw e;
      }
    }
  }

  /** Whether a run is there, or soon: who lost the lease is told so before the winner may write. */
  private boolean appears() throws IOException {
    long start = System.nanoTime();
    while (!isRun()) {
      if (System.nanoTime() - start > LeaseTimes.standard().heartbeat().toNanos()
          || Thread.currentThread().isInterrupted()) {
        return false;
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
    return true;
  }

  /**
   * Stores the configuration where a process that died at the very start of the run left it out.
   */
  void complete(String configText) throws IOException {
    if (!readConfig().isEmpty()) {
      return;
    }
    try (Lease lease = lease()) {
      if (readConfig().isEmpty()) {
        writeConfig(configText);
      }
    } catch (LeaseException e) {
      if (readConfig().isEmpty()) {
        throw e;
      }
    }
  }

  private Lease lease() {
    return Lease.acquire(files, RunDirectory.leaseOf(root), LeaseTimes.standard());
  }

  private void create(Identity identity, String configText, Path data) throws IOException {
    requireFree();
    if (!files.mkdirs(root)) {
      throw new IOException("the folder could not be created");
    }
    ObjectNode object = JsonObjects.create();
    object.put("run_id", UUID.randomUUID().toString());
    object.put("config_hash", identity.configHash());
    object.put("model_sha256", identity.modelSha256());
    object.put("tokenizer_sha256", identity.tokenizerSha256());
    object.put("method", identity.method());
    object.put("seed", identity.seed());
    object.put("dapt_version", identity.version());
    object.put("created_at", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
    if (data != null) {
      object.put(DATA, relative(files.makeQualified(data)));
    }
    // The run file first: a folder with nothing but a config.conf could be anybody's.
    JsonFile.write(files, new Path(root, RunDirectory.RUN_FILE), object);
    writeConfig(configText);
  }

  /**
   * {@code data} as it is stored: where it is beside the run, or beside the folder of runs,
   * relative to the run, so that both can be moved together.
   */
  private String relative(Path data) {
    StringBuilder up = new StringBuilder();
    for (Path above = root.getParent();
        above != null && up.length() < 2 * UP.length();
        above = above.getParent()) {
      up.append(UP);
      String folder = above.toString();
      if (data.toString().startsWith(folder.endsWith("/") ? folder : folder + "/")) {
        return up + data.toString().substring(folder.length()).replaceFirst("^/", "");
      }
    }
    return data.toString();
  }

  private void writeConfig(String text) throws IOException {
    AtomicFile.write(
        files, new Path(root, RunDirectory.CONFIG_FILE), text.getBytes(StandardCharsets.UTF_8));
  }

  /** What a run directory says about itself. */
  Stored read() throws IOException {
    Path file = new Path(root, RunDirectory.RUN_FILE);
    try {
      ObjectNode object = JsonFile.read(files, file);
      RunDirectory.Identity identity =
          new Identity(
              JsonObjects.text(object, "config_hash"),
              JsonObjects.text(object, "model_sha256"),
              JsonObjects.text(object, "tokenizer_sha256"),
              JsonObjects.text(object, "method"),
              JsonObjects.number(object, "seed"),
              JsonObjects.text(object, "dapt_version"));
      return new Stored(
          JsonObjects.text(object, "run_id"),
          identity,
          readConfig(),
          object.has(DATA) ? JsonObjects.text(object, DATA) : null);
    } catch (JsonObjects.DamagedException e) {
      throw new ConfigException(
          "%s is damaged: %s. What the run was made with is unknown: restore the file from a copy, or take another run.dir."
              .formatted(file, e.getMessage()),
          e);
    }
  }

  private String readConfig() throws IOException {
    try (FSDataInputStream in =
        ReadableFile.open(files, new Path(root, RunDirectory.CONFIG_FILE))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (FileNotFoundException e) {
      return "";
    }
  }

  /**
   * The failure of a folder that can be no run; also of file systems that do not allow all
   * characters, as HDFS no colon.
   */
  static ConfigException unusable(Path root, Exception e) {
    return new ConfigException(
        "run.dir = %s cannot be used: %s. Give a folder that can be created and written."
            .formatted(shown(root), reason(e)),
        e);
  }

  /** As users write it: local paths without a scheme. */
  static String shown(Path path) {
    URI uri = path.toUri();
    return "file".equals(uri.getScheme()) ? uri.getPath() : path.toString();
  }

  static String reason(Exception e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
