package org.dapt.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What values have: attributes, elements, slices. */
final class Members {
  private Members() {}

  /** {@code value.name}: what is called so, else the element. */
  static Object attribute(Object value, String name) {
    if (value instanceof Undefined none) {
      throw none.failure();
    }
    if (value instanceof ForLoop.Loop loop) {
      return loop.get(name);
    }
    if (value instanceof Values.Namespace namespace) {
      return namespace.get(name);
    }
    Callable method = Methods.of(value, name);
    if (method != null) {
      return method;
    }
    Object element = value instanceof Map<?, ?> map ? map.get(name) : null;
    return element == null
        ? new Undefined("'%s' of %s".formatted(name, Values.kind(value)))
        : element;
  }

  /** {@code value[key]}: the element, else what is called so. */
  static Object element(Object value, Object key) {
    if (value instanceof Undefined none) {
      throw none.failure();
    }
    if (value instanceof Map<?, ?> map) {
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        if (Values.equal(entry.getKey(), key)) {
          return entry.getValue();
        }
      }
    } else if ((key instanceof Long || key instanceof Boolean)
        && (value instanceof List || value instanceof String)) {
      long index = Values.whole(key);
      List<Object> elements = Values.elements(value);
      long at = index < 0 ? index + elements.size() : index;
      return at >= 0 && at < elements.size()
          ? elements.get((int) at)
          : new Undefined("element %d of %s".formatted(index, Values.kind(value)));
    }
    return key instanceof String name
        ? attribute(value, name)
        : new Undefined("element %s of %s".formatted(Written.literal(key), Values.kind(value)));
  }

  /** {@code value[from:to:step]}, each {@link None} where it is not given. */
  static Object slice(Object value, Object from, Object to, Object step) {
    if (value instanceof Undefined none) {
      throw none.failure();
    }
    if (!(value instanceof List) && !(value instanceof String)) {
      throw new JinjaException(Values.kind(value) + " has no slices");
    }
    List<Object> elements = Values.elements(value);
    long by = step == None.NONE ? 1 : Values.whole(step);
    if (by == 0) {
      throw new JinjaException("the step of a slice is 0");
    }
    long size = elements.size();
    long start = from == None.NONE ? (by > 0 ? 0 : size - 1) : bound(Values.whole(from), size, by);
    long end = to == None.NONE ? (by > 0 ? size : -1) : bound(Values.whole(to), size, by);
    List<Object> slice = new ArrayList<>();
    for (long i = start; by > 0 ? i < end : i > end; i += by) {
      slice.add(elements.get((int) i));
    }
    if (!(value instanceof String)) {
      return slice;
    }
    StringBuilder text = new StringBuilder();
    slice.forEach(text::append);
    return text.toString();
  }

  private static long bound(long given, long size, long step) {
    long at = given < 0 ? given + size : given;
    return step > 0 ? Math.max(0, Math.min(size, at)) : Math.max(-1, Math.min(size - 1, at));
  }
}
