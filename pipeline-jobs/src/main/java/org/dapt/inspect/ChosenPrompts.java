package org.dapt.inspect;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.dapt.io.Dtype;
import org.dapt.io.SafetensorsFile;
import org.dapt.method.l2p.L2p;
import org.dapt.run.TaskLayout;

/**
 * Which prompts of its pool a task's dev inputs chose right after it was learnt by {@code l2p}:
 * whether tasks have prompts of their own, share them, or all have the same.
 */
final class ChosenPrompts {
  private static final String FACT = "chosen_prompts";

  private ChosenPrompts() {}

  /** Adds them to {@code facts}, most wanted first, each with the share of inputs that chose it. */
  static void into(Map<String, Object> facts, SafetensorsFile attention) {
    Map<Integer, Double> shares = shares(attention);
    if (!shares.isEmpty()) {
      facts.put(
          FACT,
          shares.entrySet().stream()
              .sorted(Map.Entry.<Integer, Double>comparingByValue().reversed())
              .map(
                  entry ->
                      String.format(
                          Locale.ROOT,
                          "%d: %.0f %% of the dev inputs",
                          entry.getKey(),
                          100 * entry.getValue()))
              .toList());
    }
  }

  /** The same of a folder of a learnt task, where it has them. */
  static void into(Map<String, Object> facts, Place folder) {
    if (folder.child(TaskLayout.ATTENTION).exists()) {
      try (SafetensorsFile attention = folder.child(TaskLayout.ATTENTION).safetensors()) {
        into(facts, attention);
      }
    }
  }

  /** Adds their numbers alone, in their order, so that tasks can be compared line by line. */
  static void numbersInto(Map<String, Object> facts, Place folder) {
    if (folder.child(TaskLayout.ATTENTION).exists()) {
      try (SafetensorsFile attention = folder.child(TaskLayout.ATTENTION).safetensors()) {
        Map<Integer, Double> shares = shares(attention);
        if (!shares.isEmpty()) {
          facts.put(
              FACT, shares.keySet().stream().map(String::valueOf).collect(Collectors.joining(" ")));
        }
      }
    }
  }

  /** Prompts that were chosen at all, with the share of the inputs, in the order of the pool. */
  private static Map<Integer, Double> shares(SafetensorsFile attention) {
    Map<Integer, Double> shares = new LinkedHashMap<>();
    boolean pooled =
        new L2p().name().equals(attention.metadata().get("method"))
            && attention.names().contains(L2p.CHOSEN);
    if (!pooled) {
      return shares;
    }
    Dtype type = attention.info(L2p.CHOSEN).dtype();
    if (type != Dtype.F32 && type != Dtype.F64) {
      return shares;
    }
    ByteBuffer data = attention.data(L2p.CHOSEN).duplicate().order(ByteOrder.LITTLE_ENDIAN);
    for (int prompt = 0; data.hasRemaining(); prompt++) {
      double share = type == Dtype.F32 ? data.getFloat() : data.getDouble();
      if (share > 0) {
        shares.put(prompt, share);
      }
    }
    return shares;
  }
}
