package org.dapt.data.reader;

import java.io.IOException;
import java.io.InputStream;
import org.dapt.error.ConfigException;
import org.dapt.error.InputException;

/** Reads task files of one format. */
public interface TaskReader extends TaskFormat {
  /**
   * Reads one split of a task from beginning to end, holding no more than one instance in memory.
   *
   * @param content the uncompressed bytes; the caller closes the stream
   * @param file the URI of the file, by which messages name it
   * @param sink takes every instance in the order of the file
   * @return the definition of the task, empty where the format allows that there is none
   * @throws InputException if the content is not what the format asks for
   * @throws IOException if the stream cannot be read, or from the sink
   */
  String read(InputStream content, String file, InstanceSink sink) throws IOException;

  /**
   * The reader of files in the format with the given name.
   *
   * @throws ConfigException if there is none, or files of this format are read another way
   */
  static TaskReader named(String name) {
    if (TaskFormat.of(name) instanceof TaskReader reader) {
      return reader;
    }
    throw new ConfigException(
        "Files of the format %s have no definition and instances; expected super-ni or long-sequence here."
            .formatted(name));
  }
}
