package org.dapt.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.bytedeco.javacpp.PointerScope;
import org.dapt.error.ConfigException;
import org.dapt.io.ModelFolder;
import org.dapt.models.Models;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.NativeRuntime;

/**
 * Measures how long a model takes to load, how often its bytes are read, and what memory it takes.
 */
public final class LoadBench {
  private static final double GB = 1e9;
  private static final double MIB = 1 << 20;

  /** What Linux counts of this process's reading. */
  private static final Path READING = Path.of("/proc/self/io");

  private final BenchModel model;
  private final ComputeType type;
  private final int threads;
  private final int loads;

  /**
   * @param type of the weights in memory
   * @param threads of the tensor engine
   * @param loads measured loads; before each the model of the one before is closed
   * @throws ConfigException if {@code model} has no weights in files
   */
  public LoadBench(BenchModel model, ComputeType type, int threads, int loads) {
    if (model.folder() == null) {
      throw new ConfigException(
          "--model-config brings no weights that could be loaded, expected --model with a model"
              + " folder.");
    }
    this.model = model;
    this.type = type;
    this.threads = threads;
    this.loads = loads;
  }

  /** Loads the model. */
  public BenchResult run() throws Exception {
    NativeRuntime.useThreads(threads);
    long stored = 0;
    long elements = 0;
    try (ModelFolder folder = Models.open(model.folder().toString(), new Configuration(false))) {
      for (String name : folder.names()) {
        stored += folder.info(name).bytes();
        elements += folder.info(name).elements();
      }
    }
    long weights = elements * type.bytes();
    long resident = NativeRuntime.residentBytes();
    long read = counted("rchar");
    long fetched = counted("read_bytes");
    Timings timings = new Timings();
    for (int i = 0; i < loads; i++) {
      try (PointerScope scope = new PointerScope()) {
        timings.measure(() -> model.load(type).close());
      }
    }
    Map<String, Object> more = new LinkedHashMap<>();
    more.put("stored_mb", BenchResult.rounded(stored / MIB));
    more.put("weights_mb", BenchResult.rounded(weights / MIB));
    more.put("seconds_per_gb", BenchResult.rounded(timings.medianMs() / 1000 / (stored / GB)));
    more.put(
        "peak_rss_over_weights",
        BenchResult.rounded((NativeRuntime.peakResidentBytes() - resident) / (double) weights));
    if (read >= 0) {
      double all = (double) stored * loads;
      more.put("reads_of_a_byte", BenchResult.rounded((counted("rchar") - read) / all));
      more.put(
          "from_storage_of_a_byte", BenchResult.rounded((counted("read_bytes") - fetched) / all));
    }
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("command", "load");
    settings.put("model", model.name());
    settings.put("dtype", type.key());
    settings.put("device", model.device().name());
    settings.put("threads", threads);
    settings.put("loads", loads);
    return new BenchResult(timings, 0, more, settings);
  }

  /** A counter of this process's reading; -1 where there is none. */
  private static long counted(String name) throws IOException {
    if (!Files.isReadable(READING)) {
      return -1;
    }
    try (Stream<String> lines = Files.lines(READING)) {
      return lines
          .filter(line -> line.startsWith(name + ": "))
          .mapToLong(line -> Long.parseLong(line.substring(name.length() + 2)))
          .findFirst()
          .orElse(-1);
    }
  }
}
