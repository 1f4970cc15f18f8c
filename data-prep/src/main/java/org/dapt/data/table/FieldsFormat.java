package org.dapt.data.table;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.dapt.data.reader.Instance;
import org.dapt.data.reader.RowFault;

/** A format whose rows have the parts of an instance each in a field. */
abstract class FieldsFormat extends TableFormat {
  private static final Set<Field> FIELDS = EnumSet.complementOf(EnumSet.of(Field.MESSAGES));

  FieldsFormat(String name, List<String> endings, Set<Field> required) {
    super(name, endings, FIELDS, required);
  }

  @Override
  final Instance instance(ObjectNode row, FieldNames names) throws RowProblem {
    String instruction = RowValues.text(row, names, Field.INSTRUCTION);
    String input = RowValues.text(row, names, Field.INPUT);
    String id = RowValues.text(row, names, Field.ID);
    if (input == null && (instruction == null || instruction.isBlank())) {
      throw new RowProblem(
          names.of(Field.INPUT) == null
              ? "it has no " + names.of(Field.INSTRUCTION)
              : "it has no " + names.of(Field.INPUT));
    }
    List<String> references = RowValues.texts(row, names, Field.OUTPUT);
    if (references == null) {
      throw new RowProblem(RowFault.UNLABELLED, "it has no " + names.of(Field.OUTPUT));
    }
    return new Instance(
        id == null ? "" : id,
        instruction == null ? "" : instruction,
        input == null ? "" : input,
        references);
  }
}
