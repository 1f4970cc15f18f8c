package org.dapt.models;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.dapt.io.ModelFiles;

/**
 * A model folder on a file system that is not this machine's. Of its tensors only the headers are
 * fetched: {@link ModelCopies} copies what is computed with.
 *
 * @param files where it lies
 * @param folder the folder
 * @param shown how the user names it
 */
record HadoopModelFiles(FileSystem files, Path folder, String shown) implements ModelFiles {
  @Override
  public boolean isFolder() throws IOException {
    try {
      return files.getFileStatus(folder).isDirectory();
    } catch (FileNotFoundException e) {
      return false;
    }
  }

  @Override
  public boolean exists(String name) throws IOException {
    return files.exists(path(name));
  }

  @Override
  public List<String> names() throws IOException {
    return Stream.of(files.listStatus(folder)).map(file -> file.getPath().getName()).toList();
  }

  @Override
  public long length(String name) throws IOException {
    return files.getFileStatus(path(name)).getLen();
  }

  @Override
  public String stamp(String name) throws IOException {
    var status = files.getFileStatus(path(name));
    return status.getLen() + " " + status.getModificationTime();
  }

  @Override
  public InputStream open(String name) throws IOException {
    return files.open(path(name));
  }

  private Path path(String name) {
    return name.isEmpty() ? folder : new Path(folder, name);
  }
}
