package org.dapt.tensor;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.presets.openblas_nolapack;
import org.bytedeco.pytorch.global.torch;
import org.dapt.error.ConfigException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The process-wide state of the tensor engine: its native libraries, their threads and the memory
 * they hold.
 *
 * <p>Whoever touches a libtorch class first calls {@link #load()} or {@link #useThreads(int)}.
 */
public final class NativeRuntime {
  private static final Logger LOG = LoggerFactory.getLogger(NativeRuntime.class);
  private static final Path PROCESS_STATUS = Path.of("/proc/self/status");

  private static final String LOAD_LIBRARIES = "org.bytedeco.javacpp.loadLibraries";
  private static final String OPENBLAS = "org.bytedeco.openblas.presets.openblas_nolapack";

  private static volatile boolean loaded;

  private NativeRuntime() {}

  /**
   * Loads libtorch into this process unless that is done already. Any number of threads may call
   * it.
   *
   * <p>The first load on a machine unpacks about 435 MB into JavaCPP's cache. Processes that do so
   * together destroy each other's files and crash, so all of them queue at one lock file.
   *
   * @throws ConfigException if the libraries for this platform are not on the class path or do not
   *     run on it
   */
  public static void load() {
    if (!loaded) {
      loadLocked();
    }
  }

  /**
   * Runs {@code load}, which loads another engine by JavaCPP, alone among the processes of this
   * machine, as {@link #load()} does and for the same reason. OpenBLAS, which both may share, keeps
   * the number of threads that libtorch's tasks gave it; before there were any, it gets one.
   *
   * @param engine its name, for messages
   * @param artifact whose jar holds its libraries, for messages
   * @throws ConfigException if its libraries for this platform are not on the class path or do not
   *     run on it
   */
  public static synchronized void loadBeside(String engine, String artifact, Runnable load) {
    locked(
        engine,
        artifact,
        () -> {
          loadOpenBlas();
          int threads = loaded ? openblas_nolapack.blas_get_num_threads() : 1;
          load.run();
          openblas_nolapack.blas_set_num_threads(threads);
        });
  }

  /**
   * Lets the calling thread compute with {@code threads} threads; loads the libraries if need be.
   *
   * <p>libtorch's number belongs to the calling thread, OpenBLAS's to the process; both go above
   * {@code OMP_NUM_THREADS}. Spark tasks use one thread each unless {@code spark.task.cpus} gives
   * them more: the pools of both libraries get in each other's way, and tasks scale better than
   * threads do.
   *
   * @param threads at least 1
   */
  public static void useThreads(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException(
          "Cannot compute with " + threads + " threads: at least 1 is needed");
    }
    load();
    torch.set_num_threads(threads);
    openblas_nolapack.blas_set_num_threads(threads);
  }

  /** The physical memory of this process in bytes, that of the native libraries included. */
  public static long residentBytes() {
    return processBytes("VmRSS:");
  }

  /** The most physical memory this process has had; what it has now where no one counts. */
  public static long peakResidentBytes() {
    return processBytes("VmHWM:");
  }

  private static long processBytes(String field) {
    if (!Files.isReadable(PROCESS_STATUS)) {
      load();
      return Pointer.physicalBytes();
    }
    try (Stream<String> lines = Files.lines(PROCESS_STATUS)) {
      String line = lines.filter(l -> l.startsWith(field)).findFirst().orElseThrow();
      return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + PROCESS_STATUS, e);
    }
  }

  private static synchronized void loadLocked() {
    if (loaded) {
      return;
    }
    locked(
        "libtorch",
        "pytorch",
        () -> {
          Loader.load(torch.class);
          // The OpenBLAS switch lives in a class of its own, which reads the loaded library.
          loadOpenBlas();
        });
    loaded = true;
  }

  private static void loadOpenBlas() {
    Loader.load(org.bytedeco.openblas.global.openblas_nolapack.class);
  }

  private static void locked(String engine, String artifact, Runnable load) {
    long start = System.nanoTime();
    try (FileChannel channel = openLockFile();
        FileLock lock = channel.lock()) {
      acceptOpenBlas();
      load.run();
      long milliseconds = (System.nanoTime() - start) / 1_000_000;
      LOG.debug("Loaded {} in {} ms under {}", engine, milliseconds, lock);
    } catch (IOException e) {
      throw new ConfigException(
          "Cannot lock the cache of native libraries: "
              + e.getMessage()
              + ". Set -Dorg.bytedeco.javacpp.cachedir to a folder that this user may write.",
          e);
    } catch (LinkageError e) {
      throw explain(engine, artifact, e);
    }
  }

  /**
   * Keeps JavaCPP from warning at every start that its version is not OpenBLAS's: the one that this
   * pytorch names is in no public repository, so the build pins the one before it, and the tests
   * run with that pair. JavaCPP compares the versions when the class is initialised, and says
   * nothing while it loads no libraries. Its other comparison, with pytorch, is left as it is.
   */
  private static void acceptOpenBlas() {
    String before = System.getProperty(LOAD_LIBRARIES);
    System.setProperty(LOAD_LIBRARIES, "false");
    try {
      Class.forName(OPENBLAS, true, NativeRuntime.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      // Loading says what is missing.
      LOG.debug("There is no {}", OPENBLAS, e);
    } finally {
      if (before == null) {
        System.clearProperty(LOAD_LIBRARIES);
      } else {
        System.setProperty(LOAD_LIBRARIES, before);
      }
    }
  }

  private static FileChannel openLockFile() throws IOException {
    File cache = Loader.getCacheDir();
    return FileChannel.open(
        cache.toPath().resolve(".dapt.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  /** What a failed load means for the user. */
  static ConfigException explain(String engine, String artifact, LinkageError error) {
    StringBuilder texts = new StringBuilder();
    for (Throwable t = error; t != null; t = t.getCause()) {
      texts.append(t.getMessage()).append('\n');
    }
    // A class that failed to initialise has no message, but a cause.
    Throwable first =
        error.getMessage() == null && error.getCause() != null ? error.getCause() : error;
    String found = String.valueOf(first.getMessage());
    if (texts.indexOf("GLIBC") >= 0) {
      return new ConfigException(
          "Cannot load "
              + engine
              + ": this system's C library is too old ("
              + found
              + "). It needs glibc 2.35 or newer, as in Debian 12 or Ubuntu 22.04: run on such a"
              + " system or image.",
          error);
    }
    return new ConfigException(
        "Cannot load "
            + engine
            + " for "
            + Loader.getPlatform()
            + " ("
            + found
            + "). The jars of javacpp, openblas and "
            + artifact
            + " with the classifier "
            + Loader.getPlatform()
            + " must be on the class path: build with -Djavacpp.platform="
            + Loader.getPlatform()
            + " where they exist, or run on linux-x86_64.",
        error);
  }
}
