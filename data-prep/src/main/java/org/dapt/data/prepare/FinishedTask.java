package org.dapt.data.prepare;

import java.io.IOException;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.dapt.data.file.FileDigest;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.ManifestFile;
import org.dapt.data.shard.Recipe;
import org.dapt.data.shard.TaskManifest;
import org.dapt.data.shard.TaskManifest.Shard;
import org.dapt.error.InputException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a finished preparation must have been made from.
 *
 * @param task name of the task
 * @param sources its files as they are now
 * @param recipe the settings
 * @param tokenizerSha256 digest of the tokenizer's file
 * @param chatTemplateSha256 digest of the chat template; null where none is used
 */
record FinishedTask(
    String task,
    TaskSources sources,
    Recipe recipe,
    String tokenizerSha256,
    String chatTemplateSha256) {
  private static final Logger LOG = LoggerFactory.getLogger(FinishedTask.class);

  /**
   * The manifest of {@code folder} if it was made from just this and all its shards are there, byte
   * by byte.
   */
  Optional<TaskManifest> in(FileSystem files, Path folder) throws IOException {
    if (!files.exists(new Path(folder, TaskManifest.FILE))) {
      return Optional.empty();
    }
    TaskManifest manifest;
    try {
      manifest = ManifestFile.read(files, folder);
    } catch (InputException e) {
      LOG.warn("Task {} is prepared again: {}", task, e.getMessage());
      return Optional.empty();
    }
    if (!madeFromThis(manifest)) {
      LOG.info(
          "Task {} is prepared again: its files, its settings or the tokenizer are not those of {}",
          task,
          folder);
      return Optional.empty();
    }
    for (var split : Split.values()) {
      for (var shard : manifest.split(split).shards()) {
        if (!isSound(files, folder, shard)) {
          LOG.warn(
              "Task {} is prepared again: {} in {} is missing or damaged",
              task,
              shard.file(),
              folder);
          return Optional.empty();
        }
      }
    }
    return Optional.of(manifest);
  }

  private boolean madeFromThis(TaskManifest manifest) {
    return manifest.task().equals(task)
        && manifest.recipe().equals(recipe)
        && manifest.tokenizerSha256().equals(tokenizerSha256)
        && Objects.equals(manifest.chatTemplateSha256(), chatTemplateSha256)
        && Objects.equals(
            manifest.fields(), sources.fields() == null ? null : sources.fields().names())
        && manifest.inputs().equals(sources.inputs())
        // A draw may have none of the instances that bring one; whoever drew knows of instructions.
        && (manifest.drawnFrom() != null || isInstructed(manifest) == sources.instructed());
  }

  /** Earlier versions of dapt passed over the instructions that instances bring. */
  private static boolean isInstructed(TaskManifest manifest) {
    return Arrays.stream(Split.values()).anyMatch(split -> manifest.split(split).instructed() > 0);
  }

  private static boolean isSound(FileSystem files, Path folder, Shard shard) {
    var file = new Path(folder, shard.file());
    try {
      return files.getFileStatus(file).getLen() == shard.bytes()
          && FileDigest.sha256(files, file).equals(shard.sha256());
    } catch (IOException e) {
      LOG.debug("{} cannot be read", file, e);
      return false;
    }
  }
}
