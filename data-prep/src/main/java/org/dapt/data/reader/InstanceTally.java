package org.dapt.data.reader;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.dapt.digest.Sha256;
import org.dapt.metric.AnswerMetric;

/** Counts what a file has, and makes a digest of what counts in it. */
final class InstanceTally implements InstanceSink {
  /** Names of fields that are kept, so that a file with a name for every instance does no harm. */
  private static final int NAMES = 20;

  private final MessageDigest digest = Sha256.start();
  private final AnswerMetric metric;
  private final SortedMap<String, Long> passedOver = new TreeMap<>();
  private long instances;
  private long instructed;
  private long bare;
  private long unseen;
  private long leftOut;
  private final Map<RowFault, Long> bad = new EnumMap<>(RowFault.class);
  private final List<String> shown = new ArrayList<>();

  /**
   * @param metric by which answers are compared with the references
   */
  InstanceTally(AnswerMetric metric) {
    this.metric = metric;
  }

  @Override
  public void accept(long position, Instance instance) {
    var hasInstruction = !instance.instruction().isBlank();
    instances++;
    instructed += hasInstruction ? 1 : 0;
    bare += !hasInstruction && instance.input().isBlank() ? 1 : 0;
    unseen += instance.references().stream().noneMatch(metric::sees) ? 1 : 0;
    if (hasInstruction) {
      add(instance.instruction());
      // Else the instruction of one could be the input of another.
      digest.update((byte) 0xfd);
    }
    add(instance.input());
    // Where the text of a message begins is what it says, too.
    instance.messages().forEach(message -> add(message.role() + ":" + message.content().length()));
    instance.references().forEach(this::add);
    digest.update((byte) '\n');
  }

  @Override
  public void passedOver(String field) {
    if (passedOver.size() < NAMES || passedOver.containsKey(field)) {
      passedOver.merge(field, 1L, Long::sum);
    }
  }

  @Override
  public void leftOut() {
    leftOut++;
  }

  @Override
  public void bad(Place place, RowFault fault, String problem) {
    bad.merge(fault, 1L, Long::sum);
    if (shown.size() < TaskFile.BadRows.SHOWN) {
      shown.add("%s: %s".formatted(place.within(), problem));
    }
  }

  /** What is no instance. */
  TaskFile.BadRows badRows() {
    return new TaskFile.BadRows(
        bad.values().stream().mapToLong(Long::longValue).sum(),
        bad.getOrDefault(RowFault.NOBODYS, 0L),
        bad.getOrDefault(RowFault.UNLABELLED, 0L),
        List.copyOf(shown));
  }

  /** How many sound rows are of other tasks or splits. */
  long others() {
    return leftOut;
  }

  /** How many instances there are. */
  long instances() {
    return instances;
  }

  /** What is strange about them. */
  TaskFile.Oddities oddities() {
    return new TaskFile.Oddities(
        instructed, bare, unseen, Collections.unmodifiableSortedMap(passedOver));
  }

  /** Ends the digest of instructions, inputs and references in order. */
  String sha256() {
    return Sha256.hex(digest);
  }

  private void add(String text) {
    digest.update(text.getBytes(StandardCharsets.UTF_8));
    // No text of a file can hold this byte pair, for it is not UTF-8.
    digest.update(new byte[] {(byte) 0xff, (byte) 0xfe});
  }
}
