package org.dapt.tensor;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.Loader;

/**
 * A device that is none, see {@code src/test/native/README.md}: of this process, and what it
 * counted since the last {@link #reset}.
 */
public final class FakeAccelerator {
  /** Its only device. */
  public static final Device DEVICE = new Device("fake:0");

  private static final String RESOURCE = "/native/libfake_accelerator.so";

  private static boolean loaded;

  /** What is counted, in the order of {@link #counters}. */
  public enum Counter {
    OPERATIONS,
    TO_DEVICE,
    TO_DEVICE_BYTES,
    TO_HOST,
    TO_HOST_BYTES,
    NUMBERS_READ,
    SYNCHRONISATIONS,
    /** Copies that the host waits for: they are asked to block, or its memory is not pinned. */
    WAITS,
    BYTES,
    PEAK_BYTES
  }

  private FakeAccelerator() {}

  /** Whether the library is made for this machine. */
  public static boolean runsHere() {
    return Loader.getPlatform().equals("linux-x86_64");
  }

  /** Registers the device with libtorch, once for the process. */
  public static synchronized void load() {
    if (loaded) {
      return;
    }
    NativeRuntime.load();
    try (InputStream library = FakeAccelerator.class.getResourceAsStream(RESOURCE)) {
      Path file = Files.createTempFile("fake-accelerator", ".so");
      Files.copy(library, file, StandardCopyOption.REPLACE_EXISTING);
      System.load(file.toString());
      // What is mapped stays readable.
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    loaded = true;
  }

  /** What was counted, by name. */
  public static Map<Counter, Long> counts() {
    long[] values = counters();
    Map<Counter, Long> counts = new TreeMap<>();
    int at = 0;
    for (Counter counter : Counter.values()) {
      counts.put(counter, values[at++]);
    }
    return counts;
  }

  private static native long[] counters();

  /** Begins to count anew; the bytes that are held stay what they are. */
  public static native void reset();

  /** Each operator that ran on the device, with its number of calls, one a line. */
  public static native String operators();

  /** Of the source that the library was made of. */
  static native String sourceSha256();
}
