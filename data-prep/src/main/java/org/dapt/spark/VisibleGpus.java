package org.dapt.spark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.dapt.error.ConfigException;

/**
 * The GPUs of a process as CUDA numbers them, against the addresses by which Spark hands them out:
 * indexes or UUIDs of {@code nvidia-smi}.
 *
 * <p>{@code CUDA_VISIBLE_DEVICES} limits them and gives them their numbers. Without it CUDA numbers
 * as {@code nvidia-smi} does where {@code CUDA_DEVICE_ORDER} is {@code PCI_BUS_ID}.
 *
 * @param entries of the variable; empty where it is not set
 * @param uuids of all GPUs of the machine, in the order of their indexes; asked for only where an
 *     address and the variable do not name GPUs in the same way
 */
record VisibleGpus(List<String> entries, Uuids uuids) {
  private static final String VARIABLE = "CUDA_VISIBLE_DEVICES";
  private static final long PATIENCE_SECONDS = 30;

  /** The UUIDs of this machine's GPUs. */
  interface Uuids {
    List<String> read();
  }

  /** Those of this process. */
  static final VisibleGpus OF_PROCESS =
      new VisibleGpus(entries(System.getenv(VARIABLE)), new AskedOnce());

  /** They do not change while a process runs, and the tool takes its time. */
  private static final class AskedOnce implements Uuids {
    private List<String> answer;

    @Override
    public synchronized List<String> read() {
      if (answer == null) {
        answer = ask();
      }
      return answer;
    }
  }

  private static List<String> entries(String value) {
    if (value == null || value.isBlank() || value.equals("all")) {
      return List.of();
    }
    return Arrays.stream(value.split(",", -1)).map(String::trim).toList();
  }

  /**
   * CUDA's number of the GPU at {@code address}.
   *
   * @throws ConfigException if this process does not see it
   */
  int ordinal(String address) {
    if (entries.isEmpty()) {
      return isIndex(address) ? Integer.parseInt(address) : index(address);
    }
    for (int i = 0; i < entries.size(); i++) {
      if (isAt(entries.get(i), address)) {
        return i;
      }
    }
    throw new ConfigException(
        "Spark gave this task the GPU %s, which %s=%s hides from its process. Let the discovery script (bin/gpu-discovery) run with the variable that executors have."
            .formatted(address, VARIABLE, String.join(",", entries)));
  }

  private boolean isAt(String entry, String address) {
    if (isIndex(entry) == isIndex(address)) {
      return names(entry, address);
    }
    return isIndex(entry)
        ? Integer.parseInt(entry) == index(address)
        : index(entry) == Integer.parseInt(address);
  }

  /** A UUID may be cut, as CUDA allows. */
  private static boolean names(String entry, String address) {
    return isIndex(entry) ? entry.equals(address) : address.startsWith(entry);
  }

  private int index(String uuid) {
    List<String> all = uuids.read();
    for (int i = 0; i < all.size(); i++) {
      if (names(uuid, all.get(i))) {
        return i;
      }
    }
    throw new ConfigException(
        "Spark gave this task the GPU %s, but nvidia-smi knows %s on this machine."
            .formatted(uuid, all));
  }

  private static boolean isIndex(String text) {
    return text.matches("[0-9]{1,4}");
  }

  private static List<String> ask() {
    try {
      Process process =
          new ProcessBuilder("nvidia-smi", "--query-gpu=uuid", "--format=csv,noheader")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new ConfigException("nvidia-smi fails on this machine: repair the driver.");
      }
      return out.lines().map(String::trim).filter(line -> !line.isEmpty()).toList();
    } catch (IOException e) {
      throw new ConfigException(
          "A GPU is named by its UUID, but nvidia-smi, which knows them, cannot be started: "
              + e.getMessage(),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ConfigException("Interrupted while nvidia-smi was asked", e);
    }
  }
}
