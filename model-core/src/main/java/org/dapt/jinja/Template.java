package org.dapt.jinja;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** A template that can be rendered any number of times, by several threads at once. */
public final class Template {
  private static final long LONGEST_RANGE = 100_000;

  private final Statement body;

  private Template(Statement body) {
    this.body = body;
  }

  /**
   * Reads a template.
   *
   * @throws JinjaException if it is not well-formed, or has something that is not supported
   */
  public static Template of(String source) {
    try {
      return new Template(TemplateParser.parse(source));
    } catch (StackOverflowError e) {
      throw new JinjaException("it is nested too deep");
    }
  }

  /**
   * The text.
   *
   * @param values of variables: texts, numbers, truths, null, lists and maps of these, by name
   * @param time what {@code strftime_now} gives for a format
   * @throws JinjaException if it cannot be rendered with these
   */
  public String render(Map<String, ?> values, Function<String, String> time) {
    Map<String, Object> known = functions(time);
    values.forEach((name, value) -> known.put(name, Values.of(value)));
    StringBuilder out = new StringBuilder();
    try {
      body.run(Scope.of(known, new Budget()).inner(), out);
    } catch (StackOverflowError e) {
      throw new JinjaException("it is nested too deep");
    } catch (ArithmeticException e) {
      throw new JinjaException("a number is too large");
    }
    return out.toString();
  }

  private static Map<String, Object> functions(Function<String, String> time) {
    Map<String, Object> functions = new HashMap<>();
    functions.put(
        "raise_exception",
        (Callable)
            (scope, arguments, named) -> {
              throw JinjaException.raised(
                  Written.text(
                      new Arguments("raise_exception", arguments, named).required(0, "message")));
            });
    functions.put(
        "strftime_now",
        (Callable)
            (scope, arguments, named) ->
                time.apply(new Arguments("strftime_now", arguments, named).text(0, "format")));
    functions.put("range", (Callable) (scope, arguments, named) -> range(arguments));
    functions.put(
        "namespace",
        (Callable)
            (scope, arguments, named) -> {
              Map<Object, Object> start = new LinkedHashMap<>();
              arguments.forEach(given -> start.putAll(Values.map(given)));
              start.putAll(named);
              return new Values.Namespace(start);
            });
    functions.put(
        "dict",
        (Callable)
            (scope, arguments, named) -> {
              Map<Object, Object> made = new LinkedHashMap<>();
              arguments.forEach(given -> made.putAll(Values.map(given)));
              made.putAll(named);
              return made;
            });
    return functions;
  }

  private static Object range(List<Object> arguments) {
    if (arguments.isEmpty() || arguments.size() > 3) {
      throw new JinjaException("range needs one to three arguments");
    }
    long from = arguments.size() == 1 ? 0 : Values.whole(arguments.get(0));
    long to = Values.whole(arguments.get(arguments.size() == 1 ? 0 : 1));
    long step = arguments.size() == 3 ? Values.whole(arguments.get(2)) : 1;
    if (step == 0) {
      throw new JinjaException("the step of range is 0");
    }
    List<Object> numbers = new ArrayList<>();
    for (long i = from; step > 0 ? i < to : i > to; i = Math.addExact(i, step)) {
      if (numbers.size() == LONGEST_RANGE) {
        throw new JinjaException("range has more than %d numbers".formatted(LONGEST_RANGE));
      }
      numbers.add(i);
    }
    return numbers;
  }
}
