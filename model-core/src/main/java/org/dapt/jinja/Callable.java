package org.dapt.jinja;

import java.util.List;
import java.util.Map;

/** What can be called. */
@FunctionalInterface
interface Callable {
  /**
   * Calls it.
   *
   * @param named arguments by name
   */
  Object call(Scope scope, List<Object> arguments, Map<String, Object> named);
}
