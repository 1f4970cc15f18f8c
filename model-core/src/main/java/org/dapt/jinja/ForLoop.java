package org.dapt.jinja;

import java.util.ArrayList;
import java.util.List;

/**
 * A loop.
 *
 * @param filter which elements it takes; null for all
 * @param otherwise what is done where it takes none
 */
record ForLoop(
    Target target, Expression elements, Expression filter, Statement body, Statement otherwise)
    implements Statement {
  @Override
  public Next run(Scope scope, StringBuilder out) {
    List<Object> taken = new ArrayList<>();
    for (Object element : Values.elements(elements.value(scope))) {
      scope.budget().step();
      Scope inner = scope.inner();
      target.set(inner, element);
      if (filter == null || Values.isTrue(filter.value(inner))) {
        taken.add(element);
      }
    }
    if (taken.isEmpty()) {
      return otherwise.run(scope.inner(), out);
    }
    for (int i = 0; i < taken.size(); i++) {
      Scope inner = scope.inner();
      target.set(inner, taken.get(i));
      inner.set("loop", new Loop(taken, i));
      if (body.run(inner, out) == Next.BREAK) {
        break;
      }
    }
    return Next.STATEMENT;
  }

  /** The variables that a loop or {@code set} gives values. */
  record Target(List<String> names) {
    void set(Scope scope, Object value) {
      if (names.size() == 1) {
        scope.set(names.get(0), value);
        return;
      }
      List<Object> values = Values.elements(value);
      if (values.size() != names.size()) {
        throw new JinjaException(
            "%d values cannot be given to the variables %s"
                .formatted(values.size(), String.join(", ", names)));
      }
      for (int i = 0; i < names.size(); i++) {
        scope.set(names.get(i), values.get(i));
      }
    }
  }

  /** The variable {@code loop} in one pass of a loop. */
  record Loop(List<Object> elements, int index) {
    Object get(String name) {
      int size = elements.size();
      return switch (name) {
        case "index" -> (long) index + 1;
        case "index0" -> (long) index;
        case "revindex" -> (long) size - index;
        case "revindex0" -> (long) size - index - 1;
        case "first" -> index == 0;
        case "last" -> index == size - 1;
        case "length" -> (long) size;
        // Only loops that are recursive, which there are none of, go deeper.
        case "depth" -> 1L;
        case "depth0" -> 0L;
        case "previtem" -> index == 0 ? new Undefined("loop.previtem") : elements.get(index - 1);
        case "nextitem" ->
            index == size - 1 ? new Undefined("loop.nextitem") : elements.get(index + 1);
        case "cycle" ->
            (Callable) (scope, arguments, named) -> arguments.get(index % arguments.size());
        default -> throw new JinjaException("loop.%s is not supported".formatted(name));
      };
    }
  }
}
