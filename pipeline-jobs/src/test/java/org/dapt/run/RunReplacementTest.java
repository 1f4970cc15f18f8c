package org.dapt.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;
import org.dapt.error.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunReplacementTest {
  private static final String COMMAND = "forget --task colour";
  private static final Map<String, String> OLD =
      Map.of("run.json", "old", "config.conf", "old", "tasks/01-colour/block", "old");
  private static final Map<String, String> NEW =
      Map.of("run.json", "new", "config.conf", "new", "tasks/01-order/a/b", "new", "data/c", "new");

  @TempDir private Path folder;
  private final Configuration hadoop = new Configuration();

  @Test
  void whereverItIsCutOffTheOldRunIsWholeOrTheNewOneIsOnceItIsFinished() throws IOException {
    int old = 0;
    int steps = 0;
    for (boolean done = false; !done; steps++) {
      // A name with a colon, as of a run of Airflow.
      Path root = folder.resolve(steps + "/a:run");
      write(root, OLD);
      Files.writeString(root.resolve("lease"), "mine");
      write(root.resolveSibling(".a:run.assembled"), NEW);
      done = succeeds(root, steps, replacement -> replacement.replace(COMMAND));
      if (!Files.exists(root.resolve("run.json"))) {
        nobodyOpensOrStartsARun(root);
      }
      // The next one is cut off, too.
      succeeds(root, steps / 2, RunReplacement::finish);
      succeeds(root, Integer.MAX_VALUE, RunReplacement::finish);
      Map<String, String> found = read(root);
      assertThat(found.remove("lease")).isEqualTo("mine");
      assertThat(found).as("after %d steps", steps).isIn(OLD, NEW);
      old += found.equals(OLD) ? 1 : 0;
      assertThat(done && found.equals(OLD)).isFalse();
      succeeds(root, Integer.MAX_VALUE, RunReplacement::begin);
      assertThat(root.resolveSibling(".a:run.assembled")).isEmptyDirectory();
    }
    assertThat(old).isBetween(1, 4);
    assertThat(steps).isGreaterThan(15);
  }

  private void nobodyOpensOrStartsARun(Path root) {
    var path = path(root);
    assertThatThrownBy(() -> RunDirectory.open(hadoop, path))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("dapt " + COMMAND);
    var identity = new RunDirectory.Identity("c", "a", "b", "dapt-lora", 1, "0");
    assertThatThrownBy(
            () -> RunDirectory.openOrCreate(hadoop, path, identity, "", stored -> List.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("dapt " + COMMAND);
  }

  private interface Work {
    void on(RunReplacement replacement) throws IOException;
  }

  /** Whether the work came to its end in so many steps of the file system. */
  private boolean succeeds(Path root, int steps, Work work) throws IOException {
    try (Faulty files = new Faulty(steps)) {
      files.initialize(URI.create("file:///"), hadoop);
      work.on(new RunReplacement(files, files.makeQualified(path(root))));
      return true;
    } catch (Faulty.CutOff e) {
      return false;
    }
  }

  private static org.apache.hadoop.fs.Path path(Path file) {
    return new org.apache.hadoop.fs.Path("file://" + file);
  }

  private static void write(Path root, Map<String, String> files) throws IOException {
    for (Map.Entry<String, String> file : files.entrySet()) {
      Path target = root.resolve(file.getKey());
      Files.createDirectories(target.getParent());
      Files.writeString(target, file.getValue());
    }
  }

  private static Map<String, String> read(Path root) throws IOException {
    Map<String, String> found = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        found.put(root.relativize(file).toString(), Files.readString(file));
      }
    }
    return found;
  }

  /** As an object store: folders are deleted file by file, and a renaming is a copy of each. */
  private static final class Faulty extends RawLocalFileSystem {
    private int left;

    /** The process ends here. */
    private static final class CutOff extends IOException {
      private static final long serialVersionUID = 1L;
    }

    Faulty(int steps) {
      left = steps;
    }

    private void step() throws CutOff {
      if (left == 0) {
        throw new CutOff();
      }
      left--;
    }

    @Override
    public FSDataOutputStream create(
        org.apache.hadoop.fs.Path file,
        FsPermission permission,
        boolean overwrite,
        int bufferSize,
        short replication,
        long blockSize,
        Progressable progress)
        throws IOException {
      step();
      return super.create(
          file, permission, overwrite, bufferSize, replication, blockSize, progress);
    }

    @Override
    public boolean rename(org.apache.hadoop.fs.Path from, org.apache.hadoop.fs.Path to)
        throws IOException {
      if (getFileStatus(from).isDirectory()) {
        for (FileStatus child : listStatus(from)) {
          rename(child.getPath(), new org.apache.hadoop.fs.Path(to, child.getPath().getName()));
        }
        return super.delete(from, true);
      }
      step();
      Files.copy(
          pathToFile(from).toPath(), pathToFile(to).toPath(), StandardCopyOption.REPLACE_EXISTING);
      return delete(from, false);
    }

    @Override
    public boolean delete(org.apache.hadoop.fs.Path path, boolean recursive) throws IOException {
      if (exists(path) && getFileStatus(path).isDirectory() && recursive) {
        for (FileStatus child : listStatus(path)) {
          delete(child.getPath(), true);
        }
      } else if (exists(path)) {
        step();
      }
      return super.delete(path, recursive);
    }
  }
}
