package org.dapt.data.reader;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.dapt.error.ConfigException;
import org.dapt.error.InputException;
import org.dapt.service.Services;

/**
 * A format of task files. Implementations are found by {@link Services}, have a public constructor
 * without parameters and hold no state.
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

  /** The names of all readers on the class path, sorted. */
  static List<String> names() {
    return all().names();
  }

  /**
   * The reader with the given name.
   *
   * @throws ConfigException if there is none
   */
  static TaskReader named(String name) {
    return all().named("tasks.format", name);
  }

  private static Services<TaskReader> all() {
    return Services.of(TaskReader.class, TaskReader::name);
  }
}
