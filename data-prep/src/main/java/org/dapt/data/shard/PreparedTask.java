package org.dapt.data.shard;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.dapt.data.reader.Split;
import org.dapt.error.InputException;

/**
 * The folder of a prepared task, for the driver and for executors alike.
 *
 * @param hadoop configuration of the file systems
 * @param folder the folder
 * @param manifest its manifest
 */
public record PreparedTask(Configuration hadoop, Path folder, TaskManifest manifest) {
  /**
   * Reads the manifest of {@code folder}.
   *
   * @throws InputException if the task is not prepared
   */
  public static PreparedTask open(Configuration hadoop, Path folder) throws IOException {
    return new PreparedTask(
        hadoop, folder, ManifestFile.read(folder.getFileSystem(hadoop), folder));
  }

  /** Shards per split. */
  public int shards() {
    return manifest.recipe().shards();
  }

  /**
   * A reader of exactly the rows of {@code shard}, of which there may be none: over all shards
   * every row comes once.
   *
   * @throws InputException if the shard is damaged
   */
  public ShardReader reader(Split split, int shard, Projection projection) {
    return ShardReader.open(hadoop, folder, manifest.split(split).shards().get(shard), projection);
  }

  /** The endless stream of the training columns of a shard, with {@link StreamBounds#DEFAULT}. */
  public ShardStream stream(Split split, int shard, long seed) {
    return stream(split, shard, seed, Projection.TRAINING, StreamBounds.DEFAULT);
  }

  /** The same stream with the training columns and the given bounds. */
  public ShardStream stream(Split split, int shard, long seed, StreamBounds bounds) {
    return stream(split, shard, seed, Projection.TRAINING, bounds);
  }

  /**
   * The endless stream of a shard; the columns do not change the order. Where the split has {@code
   * n} rows and fewer than shards, an empty shard {@code s} is replaced by shard {@code s mod n}.
   *
   * @param seed seed of the run
   * @throws InputException if the shard is damaged
   */
  public ShardStream stream(
      Split split, int shard, long seed, Projection columns, StreamBounds bounds) {
    TaskManifest.Shard entry = manifest.split(split).trainingShard(shard);
    ShardReader reader = ShardReader.open(hadoop, folder, entry, columns);
    if (entry.rows() > bounds.rowsInMemory()) {
      return new ShardStream(new FileRows(reader, bounds.window()), seed, manifest.task(), shard);
    }
    try (reader) {
      return new ShardStream(new MemoryRows(reader.readAll()), seed, manifest.task(), shard);
    }
  }
}
