package org.dapt.loop;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.data.file.AtomicFile;
import org.dapt.data.file.ReadableFile;
import org.dapt.error.TrainingException;
import org.dapt.gang.RankContext;
import org.dapt.tensor.Placement;
import org.dapt.train.Checkpointer;
import org.dapt.train.StepRecord;
import org.dapt.train.Trainer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of one rank. Rank 0 writes them, all ranks go on from the one that rank 0
 * chooses. A checkpoint that cannot be written costs a warning, not the training.
 */
public final class Checkpoints implements Checkpointer {
  private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);
  private static final String PREFIX = "step-";
  private static final String SUFFIX = ".safetensors";
  private static final Pattern NAME = Pattern.compile(PREFIX + "\\d{9,18}" + Pattern.quote(SUFFIX));

  private final CheckpointPlan plan;
  private final FileSystem files;
  private final Path folder;
  private final RankContext context;
  private final Placement placement;

  /**
   * Those that this training goes on from or has written, the oldest first: others are of other
   * inputs or settings, and must not push these out.
   */
  private final Deque<Path> own = new ArrayDeque<>();

  private long lastStep;
  private long lastTime = System.nanoTime();

  /**
   * @param placement of the learnt values
   */
  public Checkpoints(
      CheckpointPlan plan, Configuration hadoop, RankContext context, Placement placement)
      throws IOException {
    this.plan = plan;
    this.context = context;
    this.placement = placement.host();
    folder = new Path(plan.folder());
    files = folder.getFileSystem(hadoop);
  }

  /** Removes all checkpoints in {@code folder}, and the folder. */
  public static void delete(FileSystem files, Path folder) throws IOException {
    files.delete(folder, true);
  }

  /**
   * The step of the newest checkpoint of {@code fingerprint} in {@code folder}, as far as it says
   * so; 0 where there is none.
   */
  static long newestStep(FileSystem files, Path folder, String fingerprint) throws IOException {
    for (Path file : newestFirst(files, folder)) {
      long length = files.getFileStatus(file).getLen();
      try (var in = ReadableFile.open(files, file)) {
        if (Checkpoint.fingerprint(in, length, file.toString()).equals(fingerprint)) {
          return step(file);
        }
      }
    }
    return 0;
  }

  /**
   * Restores the newest whole checkpoint.
   *
   * @throws org.dapt.error.InputException if a checkpoint has another layout than this version
   *     writes
   */
  @Override
  public List<StepRecord> restore(Trainer trainer) throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Optional<Checkpoint> newest = context.rank() == 0 ? newest() : Optional.empty();
      long step = agreed(newest.map(checkpoint -> checkpoint.state().step()).orElse(0L));
      if (step == 0) {
        return new ArrayList<>();
      }
      Checkpoint checkpoint =
          newest.isPresent() ? newest.get() : same(new Path(folder, name(step)));
      trainer.restore(checkpoint.state());
      own.add(new Path(folder, name(step)));
      lastStep = step;
      if (context.rank() == 0) {
        LOG.info("Going on behind step {}, from {}", step, new Path(folder, name(step)));
        if (checkpoint.ranks() != context.ranks()) {
          LOG.warn(
              "The steps so far were taken by {} ranks, the others will be by {}: results differ by"
                  + " roundings from those of one number of ranks. To avoid that, set train.ranks.",
              checkpoint.ranks(),
              context.ranks());
        }
      }
      return new ArrayList<>(checkpoint.steps());
    }
  }

  /** Never on ranks other than 0. */
  @Override
  public boolean isDue(long step) {
    return context.rank() == 0
        && ((plan.everySteps() > 0 && step - lastStep >= plan.everySteps())
            || (!plan.interval().isZero()
                && System.nanoTime() - lastTime >= plan.interval().toNanos()));
  }

  /** Writes a checkpoint. */
  @Override
  public void keep(Trainer trainer, List<StepRecord> steps) {
    write(trainer, steps);
    lastStep = steps.size();
    lastTime = System.nanoTime();
  }

  private void write(Trainer trainer, List<StepRecord> steps) {
    Path file = new Path(folder, name(steps.size()));
    try (PointerScope scope = new PointerScope()) {
      byte[] content =
          new Checkpoint(plan.fingerprint(), context.ranks(), trainer.state(), steps).toBytes();
      AtomicFile.write(files, file, content);
      own.add(file);
      while (own.size() > plan.kept()) {
        files.delete(own.peek(), false);
        own.remove();
      }
    } catch (IOException e) {
      LOG.warn(
          "The checkpoint {} could not be written: {}. Training goes on; if it is cut off, it"
              + " starts again from an older one.",
          file,
          e.getMessage());
    }
  }

  private Optional<Checkpoint> newest() throws IOException {
    for (Path file : newestFirst(files, folder)) {
      try {
        Checkpoint found = read(file);
        if (found.fingerprint().equals(plan.fingerprint())) {
          return Optional.of(found);
        }
        LOG.warn(
            "The checkpoint {} is not used: the data, an earlier block or the configuration changed"
                + " since.",
            file);
      } catch (FileNotFoundException | ChecksumException | Checkpoint.DamagedException e) {
        LOG.warn(
            "The checkpoint {} is damaged: {}. The one before it is tried.", file, e.getMessage());
      }
    }
    return Optional.empty();
  }

  private Checkpoint read(Path file) throws IOException, Checkpoint.DamagedException {
    try (var in = ReadableFile.open(files, file)) {
      return Checkpoint.parse(in.readAllBytes(), file.toString(), placement);
    }
  }

  /** What rank 0 has found, read by another rank. */
  private Checkpoint same(Path file) throws IOException {
    try {
      return read(file);
    } catch (FileNotFoundException | ChecksumException | Checkpoint.DamagedException e) {
      throw new TrainingException(
          "Rank %d cannot read the checkpoint %s that rank 0 has read: %s. run.dir must be on a file system that all executors share."
              .formatted(context.rank(), file, e.getMessage()),
          e);
    }
  }

  /** Rank 0's number, on all ranks. */
  private long agreed(long own) {
    Tensor step = placement.of(ScalarType.Double, new double[] {context.rank() == 0 ? own : 0}, 1);
    context.exchange().sum(step);
    return (long) step.item_double();
  }

  private static List<Path> newestFirst(FileSystem files, Path folder) throws IOException {
    try {
      return Arrays.stream(files.listStatus(folder))
          .map(FileStatus::getPath)
          .filter(path -> NAME.matcher(path.getName()).matches())
          .sorted(Comparator.comparing(Path::getName).reversed())
          .toList();
    } catch (FileNotFoundException e) {
      return List.of();
    }
  }

  private static long step(Path file) {
    String name = file.getName();
    return Long.parseLong(name.substring(PREFIX.length(), name.length() - SUFFIX.length()));
  }

  private static String name(long step) {
    return String.format(Locale.ROOT, "%s%09d%s", PREFIX, step, SUFFIX);
  }
}
