package org.dapt.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import org.bytedeco.pytorch.Tensor;
import org.dapt.method.ParameterSet;

/**
 * Neighbouring values of a flat vector of parameters that are learnt at one rate.
 *
 * @param from the first of them
 * @param length how many
 * @param rate their learning rate, before the schedule
 */
record RateSpan(long from, long length, double rate) {
  /**
   * The values of all parameters whose names fulfil {@code which}, in their order, in as few spans
   * as their rates allow.
   *
   * @param rate of a parameter, by its name
   */
  static List<RateSpan> of(
      ParameterSet parameters, Predicate<String> which, ToDoubleFunction<String> rate) {
    List<RateSpan> spans = new ArrayList<>();
    long from = 0;
    for (Map.Entry<String, Tensor> entry : parameters.tensors().entrySet()) {
      long length = entry.getValue().numel();
      if (which.test(entry.getKey())) {
        add(spans, new RateSpan(from, length, rate.applyAsDouble(entry.getKey())));
      }
      from += length;
    }
    return spans;
  }

  private static void add(List<RateSpan> spans, RateSpan span) {
    RateSpan last = spans.isEmpty() ? null : spans.get(spans.size() - 1);
    if (last != null && last.from + last.length == span.from && last.rate == span.rate) {
      spans.set(spans.size() - 1, new RateSpan(last.from, last.length + span.length, last.rate));
    } else {
      spans.add(span);
    }
  }

  /** Its part of {@code vector}. */
  Tensor of(Tensor vector) {
    return vector.narrow(0, from, length);
  }
}
