package org.dapt.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The arguments of a filter, a method or a function.
 *
 * @param callee what is called, for messages
 */
record Arguments(String callee, List<Object> values, Map<String, Object> named) {
  /** The one at {@code index} or of {@code name}; {@code otherwise} where it is not given. */
  Object get(int index, String name, Object otherwise) {
    return index < values.size() ? values.get(index) : named.getOrDefault(name, otherwise);
  }

  /** The same, which must be given. */
  Object required(int index, String name) {
    Object value = get(index, name, null);
    if (value == null) {
      throw new JinjaException("%s needs the argument %s".formatted(callee, name));
    }
    return value;
  }

  String text(int index, String name) {
    return Values.text(required(index, name));
  }

  String text(int index, String name, String otherwise) {
    Object value = get(index, name, None.NONE);
    return value == None.NONE ? otherwise : Values.text(value);
  }

  long whole(int index, String name, long otherwise) {
    Object value = get(index, name, None.NONE);
    return value == None.NONE ? otherwise : Values.whole(value);
  }

  boolean flag(int index, String name, boolean otherwise) {
    return Values.isTrue(get(index, name, otherwise));
  }

  /** Arguments as a template has them. */
  record AsStated(List<Expression> values, Map<String, Expression> named) {
    List<Object> values(Scope scope) {
      List<Object> given = new ArrayList<>();
      values.forEach(value -> given.add(value.value(scope)));
      return given;
    }

    Map<String, Object> named(Scope scope) {
      Map<String, Object> given = new LinkedHashMap<>();
      named.forEach((name, value) -> given.put(name, value.value(scope)));
      return given;
    }
  }
}
