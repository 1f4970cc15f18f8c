package org.dapt.data.prepare;

import java.util.ArrayList;
import java.util.List;
import org.dapt.data.reader.TaskFile;
import org.dapt.data.table.FieldNames;
import org.dapt.error.Shown;
import org.dapt.metric.AnswerMetric;

/** What users are told of a task file that can be read but may not be as its author meant it. */
final class Oddity {
  private Oddity() {}

  static List<String> of(List<InspectedPart> parts, AnswerMetric metric) {
    var said = new ArrayList<String>();
    for (var part : parts) {
      part.facts().forEach(facts -> said.addAll(of(facts, part.part().reading().names(), metric)));
    }
    return said;
  }

  /**
   * @param names where the parts of an instance are; null where the file is no table
   */
  private static List<String> of(TaskFile.Facts facts, FieldNames names, AnswerMetric metric) {
    var said = new ArrayList<String>();
    var odd = facts.oddities();
    odd.passedOver()
        .forEach(
            (field, count) ->
                said.add(
                    "%s has the field %s %d times, which is passed over: only %s."
                        .formatted(
                            facts.name(),
                            Shown.of(field),
                            count,
                            names == null
                                ? "Definition and Instances with id, instruction, input and output are read. Put what counts into one of these"
                                : "%s are read; tasks.fields names others".formatted(names))));
    if (facts.badRows().count() > 0) {
      said.add(
          "%d rows of %s are left out, which has %d others: %s%s"
              .formatted(
                  facts.badRows().count(),
                  facts.name(),
                  facts.instances(),
                  String.join("; ", facts.badRows().shown()),
                  facts.badRows().count() > facts.badRows().shown().size() ? "; …" : "."));
    }
    if (facts.instances() == 0) {
      return said;
    }
    if (odd.bare() == facts.instances()) {
      said.add(
          "none of the %d instances of %s has an input or an instruction: all their sources are equal."
              .formatted(facts.instances(), facts.name()));
    }
    if (odd.unseen() > 0) {
      said.add(
          "%d of %d instances of %s have no reference with %s, which is all that tasks.metric = %s looks at.%s"
              .formatted(
                  odd.unseen(),
                  facts.instances(),
                  facts.name(),
                  metric.counted(),
                  metric.text(),
                  remedy(metric)));
    }
    return said;
  }

  private static String remedy(AnswerMetric metric) {
    return switch (metric) {
      case ROUGE_L ->
          " Every answer to them scores 0: set tasks.metric to rouge-l-unicode, which reads all"
              + " scripts, or exact-match.";
      case ROUGE_L_UNICODE -> " Every answer to them scores 0: set tasks.metric to exact-match.";
      case EXACT_MATCH -> " Only an answer without any letter matches them: correct the outputs.";
    };
  }
}
