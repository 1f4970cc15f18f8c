package org.dapt.data.file;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.dapt.io.JsonObjects;
import org.dapt.io.JsonObjects.DamagedException;

/** A small file on any Hadoop file system that holds one JSON object. */
public final class JsonFile {
  private JsonFile() {}

  /**
   * The object in {@code file}.
   *
   * @throws java.io.FileNotFoundException if there is no such file
   * @throws DamagedException if it holds something else
   */
  public static ObjectNode read(FileSystem files, Path file) throws IOException, DamagedException {
    if (files.getFileStatus(file).isDirectory()) {
      throw new DamagedException("it is a folder, a file is expected", null);
    }
    try (FSDataInputStream in = ReadableFile.open(files, file)) {
      return JsonObjects.read(in.readAllBytes());
    } catch (ChecksumException e) {
      throw new DamagedException("its checksum differs from its content", e);
    }
  }

  /** Writes {@code object} as {@code file}, whole or not at all. */
  public static void write(FileSystem files, Path file, ObjectNode object) throws IOException {
    AtomicFile.write(files, file, JsonObjects.bytes(object));
  }
}
