package org.dapt.data.prepare;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.dapt.data.file.FileDigest;
import org.dapt.data.reader.TaskFile;
import org.dapt.data.shard.ManifestFile;
import org.dapt.data.shard.TaskManifest;
import org.dapt.data.shard.TaskManifest.Input;

/**
 * Finds the files of a task that are not those any more that it was prepared from. A file of the
 * former size that was not written since is taken for the same, so that a look at tasks that are
 * learnt costs nothing where their files stay.
 */
public final class ChangedFiles {
  private ChangedFiles() {}

  /**
   * Of the files of {@code task}, those that differ from what {@code folder} was prepared from, by
   * alphabet. Files that are gone do not count: nobody can learn from them by mistake.
   *
   * @throws org.dapt.error.InputException if the manifest is damaged or the files cannot be found
   */
  public static List<String> of(
      Configuration hadoop, PrepareSettings settings, String task, Path folder) throws IOException {
    FileSystem files = folder.getFileSystem(hadoop);
    TaskManifest manifest = ManifestFile.read(files, folder);
    long prepared = files.getFileStatus(new Path(folder, TaskManifest.FILE)).getModificationTime();
    var changed = new TreeSet<String>();
    for (TaskPart part : TaskPart.find(hadoop, settings, task)) {
      List<Input> inputs =
          manifest.inputs().stream()
              .filter(input -> input.split().equals(part.split().folder()))
              .toList();
      if (inputs.isEmpty()) {
        // The manifest leaves out a split without answers, which is none.
        continue;
      }
      for (TaskFile file : part.files()) {
        Path path = new Path(file.uri());
        Optional<Input> input =
            inputs.stream().filter(one -> one.file().equals(path.getName())).findFirst();
        if (input.isEmpty() || !isSame(path.getFileSystem(hadoop), path, input.get(), prepared)) {
          changed.add(file.uri());
        }
      }
    }
    return List.copyOf(changed);
  }

  private static boolean isSame(FileSystem files, Path path, Input input, long prepared)
      throws IOException {
    FileStatus status = files.getFileStatus(path);
    return status.getLen() == input.bytes()
        && (status.getModificationTime() < prepared
            || FileDigest.sha256(files, path).equals(input.sha256()));
  }
}
