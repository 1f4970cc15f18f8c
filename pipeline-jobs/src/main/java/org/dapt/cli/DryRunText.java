package org.dapt.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import org.dapt.app.DryRunItem;

/** What a dry run found out, as it is printed. */
final class DryRunText {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private DryRunText() {}

  /** A line an item, for people. */
  static String text(List<DryRunItem> items) {
    StringBuilder text =
        new StringBuilder("Dry run: nothing is started and nothing written.")
            .append(System.lineSeparator());
    for (DryRunItem item : items) {
      boolean checked = item.state() == DryRunItem.State.CHECKED;
      text.append(
          String.format(
              Locale.ROOT,
              "%-14s %s: %s",
              item.what(),
              item.subject(),
              checked ? item.detail() : item.state().text()));
      if (!checked && !item.detail().isEmpty()) {
        text.append(", ").append(item.detail());
      }
      text.append(System.lineSeparator());
    }
    return text.toString();
  }

  /** One JSON document, for machines. */
  static String json(List<DryRunItem> items) {
    ObjectNode document = JSON.createObjectNode();
    document.put("format", "1");
    ArrayNode list = document.putArray("dry_run");
    for (DryRunItem item : items) {
      list.addObject()
          .put("what", item.what())
          .put("subject", item.subject())
          .put("state", item.state().text())
          .put("detail", item.detail());
    }
    return document.toPrettyString() + System.lineSeparator();
  }
}
