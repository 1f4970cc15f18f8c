package org.dapt.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The filters of what has elements. */
final class ElementFilters {
  private ElementFilters() {}

  /** Those that give one element after the other, once. */
  private static final Set<String> ONE_BY_ONE =
      Set.of("items", "map", "select", "reject", "selectattr", "rejectattr", "unique", "reverse");

  /** {@code value | name(arguments)}. */
  static Object apply(String name, Object value, Arguments in, Scope scope) {
    Object applied = applied(name, value, in, scope);
    return ONE_BY_ONE.contains(name) && applied instanceof List<?> elements
        ? new Values.Generator(elements)
        : applied;
  }

  private static Object applied(String name, Object value, Arguments in, Scope scope) {
    if (name.equals("items")) {
      return value instanceof Undefined
          ? List.of()
          : Methods.of(Values.map(value), "items").call(scope, List.of(), Map.of());
    }
    List<Object> elements = Values.elements(value);
    return switch (name) {
      case "first" -> elements.isEmpty() ? new Undefined("the first element") : elements.get(0);
      case "last" ->
          elements.isEmpty()
              ? new Undefined("the last element")
              : elements.get(elements.size() - 1);
      case "list" -> elements;
      case "join" -> joined(elements, in, scope);
      case "reverse" -> {
        Collections.reverse(elements);
        yield value instanceof String ? Splitting.joined("", elements, scope.budget()) : elements;
      }
      case "unique" -> unique(elements, in);
      case "sum" -> sum(elements, in, scope);
      case "min", "max" -> extreme(elements, name.equals("max"));
      case "sort" -> sorted(elements, in);
      case "dictsort" -> dictionary(Values.map(value), in);
      case "map" -> mapped(elements, in, scope);
      case "select", "reject" -> selected(elements, null, in, 0, name.equals("select"), scope);
      default ->
          selected(elements, in.text(0, "attribute"), in, 1, name.equals("selectattr"), scope);
    };
  }

  private static Object joined(List<Object> elements, Arguments in, Scope scope) {
    List<Object> texts = new ArrayList<>();
    Object attribute = in.get(1, "attribute", None.NONE);
    for (Object element : elements) {
      texts.add(
          Written.text(attribute == None.NONE ? element : path(element, Values.text(attribute))));
    }
    return Splitting.joined(Written.text(in.get(0, "d", "")), texts, scope.budget());
  }

  private static Object unique(List<Object> elements, Arguments in) {
    boolean sensitive = in.flag(0, "case_sensitive", false);
    List<Object> seen = new ArrayList<>();
    List<Object> unique = new ArrayList<>();
    for (Object element : elements) {
      Object key = key(element, sensitive);
      if (seen.stream().noneMatch(one -> Values.equal(one, key))) {
        seen.add(key);
        unique.add(element);
      }
    }
    return unique;
  }

  private static Object key(Object value, boolean sensitive) {
    return !sensitive && value instanceof String text ? text.toLowerCase(Locale.ROOT) : value;
  }

  private static Object sum(List<Object> elements, Arguments in, Scope scope) {
    Object attribute = in.get(0, "attribute", None.NONE);
    Object sum = in.get(1, "start", 0L);
    for (Object element : elements) {
      Object term = attribute == None.NONE ? element : path(element, Values.text(attribute));
      sum = Operators.arithmetic("+", sum, term, scope.budget());
    }
    return sum;
  }

  private static Object extreme(List<Object> elements, boolean largest) {
    Comparator<Object> order = (one, other) -> Values.compare(key(one, false), key(other, false));
    return elements.stream()
        .reduce(
            (one, other) ->
                (order.compare(other, one) > 0) == largest && order.compare(other, one) != 0
                    ? other
                    : one)
        .orElseGet(() -> new Undefined("the extreme of nothing"));
  }

  private static Object sorted(List<Object> elements, Arguments in) {
    boolean sensitive = in.flag(1, "case_sensitive", false);
    Object attribute = in.get(2, "attribute", None.NONE);
    Comparator<Object> order =
        (one, other) ->
            Values.compare(
                key(attribute == None.NONE ? one : path(one, Values.text(attribute)), sensitive),
                key(
                    attribute == None.NONE ? other : path(other, Values.text(attribute)),
                    sensitive));
    elements.sort(in.flag(0, "reverse", false) ? order.reversed() : order);
    return elements;
  }

  private static Object dictionary(Map<?, ?> map, Arguments in) {
    boolean sensitive = in.flag(0, "case_sensitive", false);
    int by = in.text(1, "by", "key").equals("value") ? 1 : 0;
    List<Object> items = new ArrayList<>();
    map.forEach((key, value) -> items.add(List.of(key, value)));
    Comparator<Object> order =
        (one, other) ->
            Values.compare(
                key(((List<?>) one).get(by), sensitive), key(((List<?>) other).get(by), sensitive));
    items.sort(in.flag(2, "reverse", false) ? order.reversed() : order);
    return items;
  }

  private static Object mapped(List<Object> elements, Arguments in, Scope scope) {
    List<Object> mapped = new ArrayList<>();
    Object attribute = in.named().get("attribute");
    for (Object element : elements) {
      scope.budget().step();
      if (attribute != null) {
        Object value = path(element, Values.text(attribute));
        mapped.add(value instanceof Undefined ? in.named().getOrDefault("default", value) : value);
      } else {
        String filter = in.text(0, "filter");
        if (!Filters.isKnown(filter)) {
          throw new JinjaException("the filter %s is not supported".formatted(filter));
        }
        mapped.add(Filters.apply(filter, element, rest(in, 1, filter), scope));
      }
    }
    return mapped;
  }

  private static Object selected(
      List<Object> elements, String attribute, Arguments in, int test, boolean keep, Scope scope) {
    String name = in.text(test, "test", "");
    if (!name.isEmpty() && !Tests.isKnown(name)) {
      throw new JinjaException("the test %s is not supported".formatted(name));
    }
    List<Object> selected = new ArrayList<>();
    for (Object element : elements) {
      scope.budget().step();
      Object value = attribute == null ? element : path(element, attribute);
      boolean holds =
          name.isEmpty()
              ? Values.isTrue(value)
              : Tests.holds(name, value, rest(in, test + 1, name).values());
      if (holds == keep) {
        selected.add(element);
      }
    }
    return selected;
  }

  private static Arguments rest(Arguments in, int from, String callee) {
    int start = Math.min(from, in.values().size());
    return new Arguments(
        callee, in.values().subList(start, in.values().size()), new LinkedHashMap<>(in.named()));
  }

  private static Object path(Object value, String path) {
    Object found = value;
    for (String part : path.split("\\.", -1)) {
      found =
          part.matches("\\d{1,18}")
              ? Members.element(found, Long.parseLong(part))
              : Members.element(found, part);
    }
    return found;
  }
}
