package org.dapt.job;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;

/**
 * One thing that a dry run found out.
 *
 * @param what the job, or what was checked
 * @param subject of it: a task, a step, a folder
 * @param state {@code done}, {@code to do} or {@code checked}
 * @param detail more of it; may be empty
 */
public record DryRunItem(String what, String subject, String state, String detail) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** What is done already. */
  public static DryRunItem done(String what, String subject, String detail) {
    return new DryRunItem(what, subject, "done", detail);
  }

  /** What would be done. */
  public static DryRunItem toDo(String what, String subject, String detail) {
    return new DryRunItem(what, subject, "to do", detail);
  }

  /** What is as it should be. */
  public static DryRunItem checked(String what, String subject, String detail) {
    return new DryRunItem(what, subject, "checked", detail);
  }

  /** A line an item, for people. */
  public static String text(List<DryRunItem> items) {
    StringBuilder text =
        new StringBuilder("Dry run: nothing is started and nothing written.")
            .append(System.lineSeparator());
    for (DryRunItem item : items) {
      String state = item.state.equals("checked") ? item.detail : item.state;
      text.append(String.format(Locale.ROOT, "%-14s %s: %s", item.what, item.subject, state));
      if (!item.state.equals("checked") && !item.detail.isEmpty()) {
        text.append(", ").append(item.detail);
      }
      text.append(System.lineSeparator());
    }
    return text.toString();
  }

  /** One JSON document, for machines. */
  public static String json(List<DryRunItem> items) {
    ObjectNode document = JSON.createObjectNode();
    document.put("format", "1");
    ArrayNode list = document.putArray("dry_run");
    for (DryRunItem item : items) {
      list.addObject()
          .put("what", item.what)
          .put("subject", item.subject)
          .put("state", item.state)
          .put("detail", item.detail);
    }
    return document.toPrettyString() + System.lineSeparator();
  }
}
