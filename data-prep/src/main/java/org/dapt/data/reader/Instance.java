package org.dapt.data.reader;

import java.util.List;

/**
 * One instance of a task as its file has it.
 *
 * @param id the file's name for it; empty where the file gives none
 * @param instruction what is to be done with this one; blank where the task's definition says it
 * @param input the input text, which may be empty
 * @param references the accepted outputs, at least one; a reference may be empty
 */
public record Instance(String id, String instruction, String input, List<String> references) {
  /** Copies the references. */
  public Instance {
    references = List.copyOf(references);
  }

  /** One without an instruction of its own. */
  public Instance(String id, String input, List<String> references) {
    this(id, "", input, references);
  }

  /** What is to be done with it in a task with the given definition. */
  public String instructionOr(String definition) {
    return instruction.isBlank() ? definition : instruction;
  }
}
