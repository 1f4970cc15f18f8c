package org.dapt.inspect;

import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.dapt.adapter.PeftFiles;
import org.dapt.data.shard.TaskManifest;
import org.dapt.error.InputException;
import org.dapt.io.ModelFolder;
import org.dapt.run.Marker;
import org.dapt.run.RunDirectory;
import org.dapt.run.TaskLayout;

/** Recognises what lies at a path by its content, not by its name. */
public final class Inspector {
  private static final byte[] PARQUET = {'P', 'A', 'R', '1'};

  private final Configuration hadoop;

  /**
   * @param hadoop configuration of the file systems
   */
  public Inspector(Configuration hadoop) {
    this.hadoop = hadoop;
  }

  /**
   * What is at {@code path}: a run directory, prepared task, learnt task, model, PEFT adapter,
   * table or safetensors file, or one of the files by which such a folder is known.
   *
   * @throws InputException if there is nothing, or nothing that is known
   */
  public Inspection inspect(String path) {
    Place place = Place.of(hadoop, new Path(path));
    if (!place.exists()) {
      throw new InputException("%s does not exist. Correct the path.".formatted(place.shown()));
    }
    return place.isFolder() ? folder(place) : file(place);
  }

  private static Inspection folder(Place folder) {
    if (folder.child(RunDirectory.RUN_FILE).exists()) {
      return RunInspection.of(folder);
    }
    if (folder.child(TaskManifest.FILE).exists()) {
      return PreparedInspection.of(folder);
    }
    if (folder.child(PeftFiles.CONFIG).exists()) {
      return ModelInspection.adapter(folder);
    }
    if (TaskInspection.fits(folder)) {
      return TaskInspection.of(folder);
    }
    if (folder.child(ModelFolder.CONFIG).exists()) {
      return ModelInspection.model(folder);
    }
    List<Place> tables = folder.children(".parquet").stream().filter(p -> !p.isFolder()).toList();
    if (!tables.isEmpty()) {
      return FileInspections.table(folder, tables);
    }
    throw unknown(
        folder,
        folder.children().isEmpty()
            ? "it is empty"
            : "it holds "
                + String.join(", ", folder.children().stream().limit(3).map(Place::name).toList()));
  }

  private static Inspection file(Place file) {
    switch (file.name()) {
      case RunDirectory.RUN_FILE,
          RunDirectory.CONFIG_FILE,
          TaskManifest.FILE,
          PeftFiles.CONFIG,
          ModelFolder.CONFIG,
          TaskLayout.TARGET,
          Marker.FILE -> {
        return folder(file.parent());
      }
      default -> {}
    }
    byte[] start = start(file);
    if (java.util.Arrays.equals(start, 0, PARQUET.length, PARQUET, 0, PARQUET.length)) {
      return FileInspections.parquet(file);
    }
    // Safetensors: eight bytes of length, then a JSON object.
    if (start[8] == '{') {
      return FileInspections.safetensors(file);
    }
    throw unknown(file, "it is neither a safetensors nor a Parquet file");
  }

  /** The first nine bytes, zeros where there are fewer. */
  private static byte[] start(Place file) {
    byte[] start = new byte[9];
    try (FSDataInputStream in = file.files().open(file.path())) {
      in.readNBytes(start, 0, start.length);
      return start;
    } catch (IOException e) {
      throw file.unreadable(e);
    }
  }

  private static InputException unknown(Place place, String found) {
    return new InputException(
        "%s is nothing that dapt knows: %s. Expected a run directory, a prepared or learnt task, a model or adapter folder, or a safetensors or Parquet file of them."
            .formatted(place.shown(), found));
  }
}
