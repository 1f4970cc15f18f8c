package org.dapt.data.prepare;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.dapt.data.prompt.Prompts;
import org.dapt.data.reader.Instance;
import org.dapt.data.reader.InstanceSink;
import org.dapt.data.reader.Place;
import org.dapt.data.reader.RowFault;
import org.dapt.data.reader.Split;
import org.dapt.data.reader.TaskFile;
import org.dapt.data.reader.TaskReader;
import org.dapt.data.shard.TaskManifest.Input;

/**
 * The files of a part after a first pass over them.
 *
 * @param part the part
 * @param facts of each of its files
 */
record InspectedPart(TaskPart part, List<TaskFile.Facts> facts) {
  /**
   * Reads the files of {@code part}. Bad rows do not count where {@link #isUnlabelled}.
   *
   * @param prompts the rows that it does not take are bad ones
   * @param seen is shown every instance, in their order
   * @throws org.dapt.error.InputException if one is wrong, or has too many bad rows
   */
  static InspectedPart of(
      Configuration hadoop,
      PrepareSettings settings,
      Prompts prompts,
      TaskPart part,
      Consumer<Instance> seen)
      throws IOException {
    List<TaskFile.Facts> facts = new ArrayList<>();
    TaskReader reader = part.reading().reader(hadoop);
    for (TaskFile file : part.files()) {
      TaskFile.Facts found =
          file.inspect(
              hadoop,
              reader,
              settings.metric(),
              tally -> {
                InstanceSink shown = new SeenInstances(seen, tally);
                return part.reading().names() == null ? shown : checked(prompts, shown);
              });
      facts.add(found);
    }
    InspectedPart inspected = new InspectedPart(part, facts);
    if (settings.testOnly() || !inspected.isUnlabelled()) {
      settings
          .recipe()
          .badRows()
          .check(part.files().stream().map(TaskFile::uri).toList(), inspected.facts());
    }
    return inspected;
  }

  /**
   * Whether it is a dev or test split whose answers are kept secret: all of its rows lack theirs
   * and nothing else.
   */
  boolean isUnlabelled() {
    long unlabelled = facts.stream().mapToLong(file -> file.badRows().unlabelled()).sum();
    return part.split() != Split.TRAIN
        && instances() == 0
        && unlabelled > 0
        && unlabelled == facts.stream().mapToLong(file -> file.badRows().own()).sum();
  }

  /** What users should know of a split that {@link #isUnlabelled}. */
  String ofUnlabelled() {
    TaskFile.BadRows first =
        facts.stream()
            .map(TaskFile.Facts::badRows)
            .filter(bad -> bad.unlabelled() > 0)
            .findFirst()
            .orElseThrow();
    return "no row of the %s split in %s has an answer (%s), so that it is taken for a task without one."
        .formatted(part.split().folder(), facts.get(0).name(), first.shown().get(0));
  }

  private static InstanceSink checked(Prompts prompts, InstanceSink tally) {
    return new PromptSink(
        prompts, "", (position, instance, text) -> tally.accept(position, instance), tally);
  }

  /** Instances of all files. */
  long instances() {
    return facts.stream().mapToLong(TaskFile.Facts::instances).sum();
  }

  /** The definition in the files, without outer white space. */
  String definition() {
    return facts.get(0).definition().strip();
  }

  /** The files as a manifest lists them. */
  List<Input> inputs() {
    return facts.stream()
        .map(
            file ->
                new Input(
                    part.split().folder(),
                    file.name(),
                    file.bytes(),
                    file.sha256(),
                    file.instances(),
                    file.badRows().count()))
        .toList();
  }

  /** Whether the other has the same instances in the same order. */
  boolean sameInstances(InspectedPart other) {
    boolean same = facts.size() == other.facts.size();
    for (int i = 0; same && i < facts.size(); i++) {
      TaskFile.Facts one = facts.get(i);
      // Of one file of rows the two have different ones.
      same =
          part.reading().names() == null
              ? one.sameInstances(other.facts.get(i))
              : one.instancesSha256().equals(other.facts.get(i).instancesSha256());
    }
    return same;
  }

  /** Shows every instance to a further place. */
  private record SeenInstances(Consumer<Instance> seen, InstanceSink tally)
      implements InstanceSink {
    @Override
    public void accept(long position, Instance instance) throws IOException {
      seen.accept(instance);
      tally.accept(position, instance);
    }

    @Override
    public void passedOver(String field) {
      tally.passedOver(field);
    }

    @Override
    public void leftOut() {
      tally.leftOut();
    }

    @Override
    public void bad(Place place, RowFault fault, String problem) {
      tally.bad(place, fault, problem);
    }
  }
}
