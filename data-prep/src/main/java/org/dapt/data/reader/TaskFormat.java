package org.dapt.data.reader;

import java.util.List;
import org.dapt.error.ConfigException;
import org.dapt.service.Services;

/**
 * A format of tasks. Implementations are found by {@link Services}, have a public constructor
 * without parameters and hold no state.
 */
public interface TaskFormat {
  /** The value of {@code tasks.format} that chooses it. */
  String name();

  /** The names of all formats on the class path, sorted. */
  static List<String> names() {
    return all().names();
  }

  /**
   * The format with the given name.
   *
   * @throws ConfigException if there is none
   */
  static TaskFormat of(String name) {
    return all().named("tasks.format", name);
  }

  private static Services<TaskFormat> all() {
    return Services.of(TaskFormat.class, TaskFormat::name);
  }
}
