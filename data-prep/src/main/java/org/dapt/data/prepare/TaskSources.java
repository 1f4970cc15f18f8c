package org.dapt.data.prepare;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.dapt.data.reader.Split;
import org.dapt.data.reader.TaskFile;
import org.dapt.data.reader.TaskFolder;
import org.dapt.data.reader.TaskReader;
import org.dapt.data.shard.TaskManifest.DrawnFrom;
import org.dapt.data.shard.TaskManifest.HoldOutNote;
import org.dapt.data.shard.TaskManifest.Input;
import org.dapt.error.InputException;

/**
 * The files of a task after a first pass over them, and how the three splits are taken from them.
 *
 * @param definition definition of the task without outer white space
 * @param inputs the files
 * @param instructed whether an instance has an instruction of its own
 * @param warnings what may not be as the author of the files meant it, one sentence or two each
 * @param holdOut how dev is taken from train, or null
 * @param splits train, dev and test, in this order
 */
record TaskSources(
    String definition,
    List<Input> inputs,
    boolean instructed,
    List<String> warnings,
    HoldOutNote holdOut,
    List<SplitSource> splits) {
  private record Inspected(Split split, TaskFile file, TaskFile.Facts facts) {
    Input input() {
      return new Input(
          split.folder(), facts.name(), facts.bytes(), facts.sha256(), facts.instances());
    }

    String definition() {
      return facts.definition().strip();
    }
  }

  /**
   * Checks every instance of every file of {@code task}.
   *
   * @throws InputException if a file is missing or wrong, or the files have different definitions
   */
  static TaskSources inspect(
      Configuration hadoop, PrepareSettings settings, TaskReader reader, String task)
      throws IOException {
    var folder = TaskFolder.find(hadoop, settings.root(), task);
    var files = new ArrayList<Inspected>();
    // Both are asked for before the first is read: a missing file is reported at once.
    var trainFile = folder.requiredFile(Split.TRAIN);
    var testFile = folder.requiredFile(Split.TEST);
    var train =
        new Inspected(Split.TRAIN, trainFile, trainFile.inspect(hadoop, reader, settings.metric()));
    var test =
        new Inspected(Split.TEST, testFile, testFile.inspect(hadoop, reader, settings.metric()));
    files.add(train);
    var dev =
        folder
            .file(Split.DEV)
            .map(
                file ->
                    new Inspected(
                        Split.DEV, file, file.inspect(hadoop, reader, settings.metric())));
    dev.ifPresent(files::add);
    files.add(test);
    files.forEach(file -> checkSameDefinition(train, file));
    return plan(settings, task, files, train, dev, test);
  }

  private static TaskSources plan(
      PrepareSettings settings,
      String task,
      List<Inspected> files,
      Inspected train,
      Optional<Inspected> dev,
      Inspected test) {
    var ownDev = dev.filter(file -> !file.facts().sameInstances(test.facts()));
    var recipe = settings.recipe();
    var instances = train.facts().instances();
    var holdOut =
        ownDev.isPresent()
            ? null
            : HoldOut.of(instances, recipe.holdOut(), recipe.splitSeed(), task);
    var note =
        holdOut == null
            ? null
            : new HoldOutNote(
                dev.isPresent() ? HoldOutNote.DEV_IS_TEST : HoldOutNote.NO_DEV,
                instances,
                holdOut.held());
    var splits =
        Stream.of(
                source(Split.TRAIN, train, holdOut),
                source(Split.DEV, ownDev.orElse(train), holdOut),
                source(Split.TEST, test, null))
            .map(source -> source.cutTo(recipe.most(source.split()), recipe.splitSeed(), task))
            .toList();
    return new TaskSources(
        train.definition(),
        files.stream().map(Inspected::input).toList(),
        files.stream().anyMatch(file -> file.facts().oddities().instructed() > 0),
        files.stream()
            .flatMap(file -> Oddity.of(file.facts(), settings.metric()).stream())
            .toList(),
        note,
        splits);
  }

  /** What the splits were drawn from; null where none of them is cut. */
  DrawnFrom drawnFrom() {
    return splits.stream().allMatch(source -> source.cut() == null)
        ? null
        : new DrawnFrom(splits.get(0).whole(), splits.get(1).whole(), splits.get(2).whole());
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

  private static SplitSource source(Split split, Inspected from, HoldOut holdOut) {
    return new SplitSource(
        split, from.split(), from.file(), holdOut, from.facts().instances(), null);
  }

  private static void checkSameDefinition(Inspected train, Inspected other) {
    if (!train.definition().equals(other.definition())) {
      throw new InputException(
          "The definition in %s ('%s') is not that in %s ('%s'): expected one definition per task. Make them the same."
              .formatted(
                  other.file().uri(), other.definition(), train.file().uri(), train.definition()));
    }
  }
}
