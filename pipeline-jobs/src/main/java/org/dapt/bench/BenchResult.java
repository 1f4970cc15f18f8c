package org.dapt.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.LinkedHashMap;
import java.util.Map;
import org.dapt.tensor.NativeRuntime;

/**
 * What a measurement found. Median, ninth decile, tokens per second, peak memory and settings are
 * there for every kind; {@code more} depends on the kind.
 */
public record BenchResult(
    Timings timings, long tokens, Map<String, Object> more, Map<String, Object> settings) {
  private static final double MILLIS = 1000;
  private static final double THOUSANDTHS = 1000;
  private static final double MEBIBYTE = 1024.0 * 1024.0;

  /**
   * @param timings of the measured runs
   * @param tokens of all measured runs, padding not counted
   * @param more further figures by name
   * @param settings what was measured
   */
  public BenchResult {
    more = new LinkedHashMap<>(more);
    settings = new LinkedHashMap<>(settings);
  }

  /** A rate over all measured runs: {@code count} per second. */
  static double perSecond(long count, Timings timings) {
    return rounded(count * MILLIS / timings.totalMs());
  }

  /** {@code value} to three decimals. */
  static double rounded(double value) {
    return Math.round(value * THOUSANDTHS) / THOUSANDTHS;
  }

  /** {@code bytes} in MiB. */
  static double mebibytes(long bytes) {
    return rounded(bytes / MEBIBYTE);
  }

  /** One line of JSON. */
  public String json() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("median_ms", rounded(timings.medianMs()));
    all.put("p90_ms", rounded(timings.p90Ms()));
    all.put("median_cpu_ms", rounded(timings.medianCpuMs()));
    all.put("total_ms", rounded(timings.totalMs()));
    all.put("total_cpu_ms", rounded(timings.totalCpuMs()));
    all.put("tokens_per_second", perSecond(tokens, timings));
    all.put("peak_rss_mb", mebibytes(NativeRuntime.peakResidentBytes()));
    all.putAll(more);
    all.put("settings", settings);
    try {
      return JsonMapper.builder().build().writeValueAsString(all);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Numbers and texts are always JSON", e);
    }
  }
}
