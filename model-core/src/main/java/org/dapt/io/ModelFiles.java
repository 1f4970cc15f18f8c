package org.dapt.io;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** The files of a model folder, wherever it lies. Nothing is written. */
public interface ModelFiles {
  /** The folder as the user names it, for messages. */
  String shown();

  /** Whether there is such a folder. */
  boolean isFolder() throws IOException;

  /** Whether the folder has a file, or anything else, of that name. */
  boolean exists(String name) throws IOException;

  /** The names of what lies in the folder, in any order. */
  List<String> names() throws IOException;

  /** The length of a file in bytes. */
  long length(String name) throws IOException;

  /** A text that changes when the file does: its length and when it was changed. */
  String stamp(String name) throws IOException;

  /** The bytes of a file, from its beginning. */
  InputStream open(String name) throws IOException;

  /**
   * A file of tensors; by default its header only, which is all that is fetched.
   *
   * @throws org.dapt.error.InputException if it is none
   */
  default SafetensorsFile tensors(String name) throws IOException {
    try (InputStream in = open(name)) {
      return SafetensorsFile.header(in, length(name), shown(name));
    }
  }

  /** A file as the user names it, for messages. */
  default String shown(String name) {
    return shown() + (shown().endsWith("/") ? "" : "/") + name;
  }
}
