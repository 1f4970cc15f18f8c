package org.dapt.data.reader;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.ServiceLoader;
import java.util.TreeSet;
import org.dapt.error.ConfigException;
import org.dapt.error.InputException;

/**
 * A format of task files. Implementations are found by {@link ServiceLoader}, have a public
 * constructor without parameters and hold no state.
 */
public interface TaskReader {
  /** The value of {@code tasks.format} that chooses this reader. */
  String name();

  /**
   * Reads one split of a task from beginning to end, holding no more than one instance in memory.
   *
   * @param content the uncompressed bytes; the caller closes the stream
   * @param file how messages name the file
   * @param sink takes every instance in the order of the file
   * @return the definition of the task, empty where the format allows that there is none
   * @throws InputException if the content is not what the format asks for, or there is no instance
   * @throws IOException if the stream cannot be read, or from the sink
   */
  String read(InputStream content, String file, InstanceSink sink) throws IOException;

  /**
   * The reader with the given name.
   *
   * @throws ConfigException if there is none
   */
  static TaskReader named(String name) {
    var known = new TreeSet<String>();
    var found = new ArrayList<TaskReader>();
    for (var reader : ServiceLoader.load(TaskReader.class)) {
      known.add(reader.name());
      if (reader.name().equals(name)) {
        found.add(reader);
      }
    }
    if (found.isEmpty()) {
      throw new ConfigException(
          "tasks.format is '%s', expected one of %s: correct the key, or put the jar with that reader on the class path."
              .formatted(name, known));
    }
    return found.get(0);
  }
}
