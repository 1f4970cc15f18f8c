package org.dapt.data.table;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Serializable;
import java.util.Optional;
import org.dapt.data.reader.RowFault;
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

  /**
   * Whether {@code row} is meant.
   *
   * @throws RowProblem if it does not say so
   */
  boolean takes(ObjectNode row, FieldNames names) throws RowProblem {
    if (task != null && !task.equals(said(row, names, Field.TASK))) {
      return false;
    }
    if (split == null) {
      return true;
    }
    String value = said(row, names, Field.SPLIT);
    Optional<Split> known = SplitNames.of(value.strip());
    return known.orElseThrow(
            () ->
                new RowProblem(
                    RowFault.NOBODYS,
                    "%s is %s, expected train, dev (or validation) or test"
                        .formatted(names.of(Field.SPLIT), org.dapt.error.Shown.of(value))))
        == split;
  }

  private static String said(ObjectNode row, FieldNames names, Field field) throws RowProblem {
    String value;
    try {
      value = RowValues.text(row, names, field);
    } catch (RowProblem e) {
      throw new RowProblem(RowFault.NOBODYS, e.getMessage());
    }
    if (value == null || value.isBlank()) {
      throw new RowProblem(RowFault.NOBODYS, "it has no " + names.of(field));
    }
    return value;
  }
}
