package org.dapt.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A model folder of the local file system.
 *
 * @param folder the folder
 * @param shown how the user names it
 * @param weights whether tensors are to be read, not their headers alone
 */
public record LocalModelFiles(Path folder, String shown, boolean weights) implements ModelFiles {
  /** A folder whose tensors can be read. */
  public LocalModelFiles(Path folder) {
    this(folder, folder.toString(), true);
  }

  @Override
  public boolean isFolder() {
    return Files.isDirectory(folder);
  }

  @Override
  public boolean exists(String name) {
    return name.isEmpty() ? Files.exists(folder) : Files.exists(folder.resolve(name));
  }

  @Override
  public List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @Override
  public long length(String name) throws IOException {
    return Files.size(folder.resolve(name));
  }

  @Override
  public String stamp(String name) throws IOException {
    Path file = folder.resolve(name);
    String basic = Files.size(file) + " " + Files.getLastModifiedTime(file);
    // A copy can bring an old time of change along, but not of the entry and its number.
    return file.getFileSystem().supportedFileAttributeViews().contains("unix")
        ? basic + " " + new TreeMap<>(Files.readAttributes(file, "unix:ctime,ino"))
        : basic;
  }

  @Override
  public InputStream open(String name) throws IOException {
    return Files.newInputStream(folder.resolve(name));
  }

  @Override
  public SafetensorsFile tensors(String name) throws IOException {
    return weights
        ? SafetensorsFile.open(folder.resolve(name), shown(name))
        : ModelFiles.super.tensors(name);
  }
}
