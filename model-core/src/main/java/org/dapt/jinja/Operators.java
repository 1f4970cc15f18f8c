package org.dapt.jinja;

import java.util.ArrayList;
import java.util.List;

/** Python's operators. */
final class Operators {
  /** Of a list that is multiplied. */
  private static final int ELEMENTS = 100_000;

  private Operators() {}

  /** An arithmetic operator. */
  static Object arithmetic(String operator, Object one, Object other, Budget budget) {
    if (operator.equals("+") && one instanceof String text && other instanceof String second) {
      budget.characters((long) text.length() + second.length());
      return text + second;
    }
    if (operator.equals("+") && one instanceof List<?> list && other instanceof List<?> second) {
      List<Object> joined = new ArrayList<>(list);
      joined.addAll(second);
      return joined;
    }
    if (operator.equals("*")) {
      Object repeated = repeated(one, other, budget);
      if (repeated != null) {
        return repeated;
      }
    }
    if (!Values.isNumber(one) || !Values.isNumber(other)) {
      throw one instanceof Undefined none
          ? none.failure()
          : other instanceof Undefined none
              ? none.failure()
              : new JinjaException(
                  "%s %s %s cannot be computed"
                      .formatted(Values.kind(one), operator, Values.kind(other)));
    }
    return one instanceof Double || other instanceof Double || operator.equals("/")
        ? ofNumbers(operator, Values.number(one), Values.number(other))
        : ofWholes(operator, Values.whole(one), Values.whole(other));
  }

  private static Object repeated(Object one, Object other, Budget budget) {
    Object what = one instanceof Long ? other : one;
    Object times = one instanceof Long ? one : other;
    if (!(times instanceof Long count)) {
      return null;
    }
    if (what instanceof String text) {
      budget.characters(Math.multiplyExact(Math.max(0, Math.min(count, 1L << 40)), text.length()));
      return text.repeat(Math.toIntExact(Math.max(0, text.isEmpty() ? 0 : count)));
    }
    if (what instanceof List<?> list) {
      if (count > 0 && !list.isEmpty() && count > ELEMENTS / list.size()) {
        throw new JinjaException("a list would have more than %d elements".formatted(ELEMENTS));
      }
      List<Object> repeated = new ArrayList<>();
      for (long i = 0; i < count && !list.isEmpty(); i++) {
        repeated.addAll(list);
      }
      return repeated;
    }
    return null;
  }

  private static Object ofWholes(String operator, long one, long other) {
    try {
      return switch (operator) {
        case "+" -> Math.addExact(one, other);
        case "-" -> Math.subtractExact(one, other);
        case "*" -> Math.multiplyExact(one, other);
        case "//" -> Math.floorDiv(one, other);
        case "%" -> Math.floorMod(one, other);
        default -> power(one, other);
      };
    } catch (ArithmeticException e) {
      throw new JinjaException(
          "%d %s %d cannot be computed: %s".formatted(one, operator, other, e.getMessage()));
    }
  }

  private static Object power(long one, long other) {
    if (other < 0) {
      return ofNumbers("**", (double) one, (double) other);
    }
    long power = 1;
    long square = one;
    for (long left = other; left > 0; left >>= 1) {
      power = left % 2 == 0 ? power : Math.multiplyExact(power, square);
      square = left == 1 ? square : Math.multiplyExact(square, square);
    }
    return power;
  }

  private static Object ofNumbers(String operator, double one, double other) {
    if (operator.equals("**") ? one == 0 && other < 0 : other == 0 && !"+-*".contains(operator)) {
      throw new JinjaException("division by zero");
    }
    return switch (operator) {
      case "+" -> one + other;
      case "-" -> one - other;
      case "*" -> one * other;
      case "/" -> one / other;
      case "//" -> Math.floor(one / other);
      case "%" -> one - Math.floor(one / other) * other;
      default -> Math.pow(one, other);
    };
  }

  /** An operator that compares. */
  static boolean compares(String operator, Object one, Object other) {
    return switch (operator) {
      case "==" -> Values.equal(one, other);
      case "!=" -> !Values.equal(one, other);
      case "<" -> Values.compare(one, other) < 0;
      case "<=" -> Values.compare(one, other) <= 0;
      case ">" -> Values.compare(one, other) > 0;
      case ">=" -> Values.compare(one, other) >= 0;
      case "in" -> Values.contains(other, one);
      default -> !Values.contains(other, one);
    };
  }

  static Object negative(Object value) {
    return value instanceof Double number ? (Object) (-number) : (Object) (-Values.whole(value));
  }
}
