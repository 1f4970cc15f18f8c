package org.dapt.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the processor of this machine has units for, as the kernel names it.
 *
 * @param flags such as {@code avx512_bf16}; none where the kernel does not say
 */
public record Processor(Set<String> flags) {
  /** The processor of this machine. */
  public static final Processor THIS = read(Path.of("/proc/cpuinfo"));

  /** Instructions that multiply bfloat16: of x86 processors two kinds, of Arm's one. */
  private static final Set<String> BFLOAT16 = Set.of("amx_bf16", "avx512_bf16", "bf16");

  /** The instruction that multiplies bfloat16, if there is one. */
  public Optional<String> bfloat16() {
    return flags.stream().filter(BFLOAT16::contains).sorted().findFirst();
  }

  /** Whether it multiplies tiles of bfloat16 (AMX). */
  boolean hasTiles() {
    return flags.contains("amx_bf16");
  }

  /** As the file {@code cpuinfo} describes the first processor. */
  static Processor read(Path cpuinfo) {
    if (!Files.isReadable(cpuinfo)) {
      return new Processor(Set.of());
    }
    try (Stream<String> lines = Files.lines(cpuinfo)) {
      return new Processor(
          lines
              .filter(line -> line.startsWith("flags") || line.startsWith("Features"))
              .findFirst()
              .map(line -> line.substring(line.indexOf(':') + 1).strip().split(" +"))
              .map(words -> Arrays.stream(words).collect(Collectors.toCollection(TreeSet::new)))
              .map(Set::copyOf)
              .orElse(Set.of()));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException("Cannot read " + cpuinfo, e);
    }
  }
}
