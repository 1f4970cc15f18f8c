package org.dapt.data.table;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Serializable;
import java.util.Optional;
import org.dapt.data.reader.Split;

/**
 * Which rows of a file are meant.
 *
 * @param task of this task, by the field {@link Field#TASK}; null for those of all tasks
 * @param split of this split, by the field {@link Field#SPLIT}; null for those of all splits
 */
public record RowFilter(String task, Split split) implements Serializable {
  /** All rows. */
  public static final RowFilter ALL = new RowFilter(null, null);

  /** Whether {@code row} is meant. */
  boolean takes(ObjectNode row, FieldNames names) throws RowProblem {
    if (task != null && !task.equals(RowValues.text(row, names, Field.TASK))) {
      return false;
    }
    if (split == null) {
      return true;
    }
    String value = RowValues.text(row, names, Field.SPLIT);
    if (value == null || value.isBlank()) {
      throw new RowProblem("it has no " + names.of(Field.SPLIT));
    }
    Optional<Split> known = SplitNames.of(value.strip());
    return known.orElseThrow(
            () ->
                new RowProblem(
                    "%s is %s, expected train, dev (or validation) or test"
                        .formatted(names.of(Field.SPLIT), org.dapt.error.Shown.of(value))))
        == split;
  }
}
