package org.dapt.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.dapt.compare.Cell;
import org.dapt.compare.Comparison;

/** The runs of a comparison, as they are printed. */
final class CompareText {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private CompareText() {}

  /** A line a run: its name and its run directory; or one JSON document. */
  static String list(Comparison comparison, boolean json) {
    List<Cell> all = new ArrayList<>(comparison.trials());
    all.addAll(comparison.runs());
    if (!json) {
      StringBuilder text = new StringBuilder();
      for (Cell cell : all) {
        text.append(cell.name())
            .append("  ")
            .append(comparison.places().run(cell))
            .append(System.lineSeparator());
      }
      return text.toString();
    }
    ObjectNode document = JSON.createObjectNode();
    document.put("format", "1");
    document.put("dir", comparison.places().dir().toString());
    ArrayNode list = document.putArray("runs");
    for (Cell cell : all) {
      ObjectNode run = list.addObject();
      run.put("cell", cell.name())
          .put("kind", cell.isTrial() ? "tune" : "run")
          .put("method", cell.method())
          .put("order", cell.order())
          .put("setting", cell.setting())
          .put("seed", cell.seed())
          .put("run_dir", comparison.places().run(cell).toString());
      cell.tasks().forEach(run.putArray("tasks")::add);
    }
    return document.toPrettyString() + System.lineSeparator();
  }
}
