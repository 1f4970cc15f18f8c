package org.dapt.data.prepare;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.dapt.data.prompt.Prompts;
import org.dapt.data.reader.Instance;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.Recipe;
import org.dapt.data.shard.TaskManifest.DrawnFrom;
import org.dapt.data.shard.TaskManifest.HoldOutNote;
import org.dapt.data.shard.TaskManifest.Input;
import org.dapt.data.table.FieldNames;
import org.dapt.error.InputException;

/**
 * The files of a task after a first pass over them, and how the three splits are taken from them.
 *
 * @param definition definition of the task without outer white space
 * @param fields where the parts of an instance are; null where the files are no tables
 * @param inputs the files
 * @param leftOut bad rows
 * @param instructed whether an instance has an instruction of its own
 * @param warnings what may not be as the author of the files meant it, one sentence or two each
 * @param holdOut how dev is taken from train, or null
 * @param testHoldOut how test is taken from train, or null
 * @param splits train, dev and test, in this order; test alone where the task is only to be tested
 */
record TaskSources(
    String definition,
    FieldNames fields,
    List<Input> inputs,
    LeftOutRows leftOut,
    boolean instructed,
    List<String> warnings,
    HoldOutNote holdOut,
    HoldOutNote testHoldOut,
    List<SplitSource> splits) {
  /**
   * Checks every instance of every file of {@code task}.
   *
   * @param prompts how instances are written
   * @throws InputException if a file is missing or wrong, or the files have different definitions
   */
  static TaskSources inspect(
      Configuration hadoop, PrepareSettings settings, Prompts prompts, String task)
      throws IOException {
    return inspect(hadoop, settings, prompts, task, instance -> {});
  }

  /**
   * The same.
   *
   * @param seen is shown the instances of the files of the training split, in their order
   */
  static TaskSources inspect(
      Configuration hadoop,
      PrepareSettings settings,
      Prompts prompts,
      String task,
      Consumer<Instance> seen)
      throws IOException {
    Split looked = settings.testOnly() ? Split.TEST : Split.TRAIN;
    List<InspectedPart> parts = new ArrayList<>();
    List<String> absent = new ArrayList<>();
    for (TaskPart part : TaskPart.find(hadoop, settings, task)) {
      InspectedPart inspected =
          InspectedPart.of(
              hadoop, settings, prompts, part, part.split() == looked ? seen : instance -> {});
      if (inspected.instances() > 0) {
        parts.add(inspected);
      } else if (!settings.testOnly() && inspected.isUnlabelled()) {
        absent.add(inspected.ofUnlabelled());
      } else if (part.split() == Split.TRAIN || settings.testOnly() || !part.mayBeEmpty()) {
        throw part.empty(hadoop, task);
      }
    }
    parts.forEach(part -> checkSameDefinition(parts.get(0), part));
    return settings.testOnly()
        ? of(
            settings,
            task,
            parts,
            absent,
            null,
            null,
            List.of(source(Split.TEST, parts.get(0), List.of())))
        : plan(settings, task, parts, absent);
  }

  private static TaskSources plan(
      PrepareSettings settings, String task, List<InspectedPart> parts, List<String> absent) {
    InspectedPart train = parts.get(0);
    Optional<InspectedPart> dev = of(parts, Split.DEV);
    Optional<InspectedPart> test = of(parts, Split.TEST);
    Optional<InspectedPart> ownDev =
        dev.filter(part -> test.isEmpty() || !part.sameInstances(test.get()));
    Recipe recipe = settings.recipe();
    List<HoldOut> holdOuts = new ArrayList<>();
    long left = train.instances();
    HoldOutNote testNote = null;
    if (test.isEmpty()) {
      HoldOut held = HoldOut.of(Split.TEST, left, recipe.holdOut(), recipe.splitSeed(), task);
      holdOuts.add(held);
      testNote = new HoldOutNote(HoldOutNote.NO_TEST, left, held.held());
      left -= held.held();
    }
    HoldOutNote devNote = null;
    if (ownDev.isEmpty()) {
      HoldOut held = HoldOut.of(Split.DEV, left, recipe.holdOut(), recipe.splitSeed(), task);
      holdOuts.add(held);
      devNote =
          new HoldOutNote(
              dev.isPresent() ? HoldOutNote.DEV_IS_TEST : HoldOutNote.NO_DEV, left, held.held());
    }
    return of(
        settings,
        task,
        parts,
        absent,
        devNote,
        testNote,
        List.of(
            source(Split.TRAIN, train, holdOuts),
            source(Split.DEV, ownDev, train, holdOuts),
            source(Split.TEST, test, train, holdOuts)));
  }

  private static TaskSources of(
      PrepareSettings settings,
      String task,
      List<InspectedPart> parts,
      List<String> absent,
      HoldOutNote devNote,
      HoldOutNote testNote,
      List<SplitSource> whole) {
    Recipe recipe = settings.recipe();
    return new TaskSources(
        parts.get(0).definition(),
        parts.get(0).part().reading().names(),
        parts.stream().flatMap(part -> part.inputs().stream()).toList(),
        LeftOutRows.of(parts),
        parts.stream()
            .flatMap(part -> part.facts().stream())
            .anyMatch(file -> file.oddities().instructed() > 0),
        Stream.concat(absent.stream(), Oddity.of(parts, settings.metric()).stream()).toList(),
        devNote,
        testNote,
        whole.stream()
            .map(source -> source.cutTo(recipe.most(source.split()), recipe.splitSeed(), task))
            .toList());
  }

  /** What the splits were drawn from; null where none of them is cut. */
  DrawnFrom drawnFrom() {
    return splits.stream().allMatch(source -> source.cut() == null)
        ? null
        : new DrawnFrom(whole(Split.TRAIN), whole(Split.DEV), whole(Split.TEST));
  }

  private long whole(Split split) {
    return splits.stream()
        .filter(source -> source.split() == split)
        .mapToLong(SplitSource::whole)
        .sum();
  }

  /** A line for each split that is cut. */
  List<String> cuts() {
    return splits.stream()
        .filter(source -> source.cut() != null)
        .map(
            source ->
                "%1$s: %2$d of %3$d examples are taken (tasks.max-%1$s, tasks.split-seed %4$d)"
                    .formatted(
                        source.split().folder(),
                        source.rows(),
                        source.whole(),
                        source.cut().splitSeed()))
        .toList();
  }

  private static Optional<InspectedPart> of(List<InspectedPart> parts, Split split) {
    return parts.stream().filter(part -> part.part().split() == split).findFirst();
  }

  private static SplitSource source(
      Split split, Optional<InspectedPart> own, InspectedPart train, List<HoldOut> holdOuts) {
    return own.map(part -> source(split, part, List.of()))
        .orElseGet(() -> source(split, train, holdOuts));
  }

  private static SplitSource source(Split split, InspectedPart from, List<HoldOut> holdOuts) {
    return new SplitSource(
        split,
        from.part().split(),
        from.part().files(),
        from.part().reading(),
        holdOuts,
        from.instances(),
        null);
  }

  private static void checkSameDefinition(InspectedPart train, InspectedPart other) {
    if (!train.definition().equals(other.definition())) {
      throw new InputException(
          "The definition in %s ('%s') is not that in %s ('%s'): expected one definition per task. Make them the same."
              .formatted(
                  other.part().files().get(0).uri(),
                  other.definition(),
                  train.part().files().get(0).uri(),
                  train.definition()));
    }
  }
}
