package org.dapt.data.reader;

import java.util.List;

/**
 * One instance of a task as its file has it.
 *
 * @param id the file's name for it; empty where the file gives none
 * @param input the input text, which may be empty
 * @param references the accepted outputs, at least one; a reference may be empty
 */
public record Instance(String id, String input, List<String> references) {
  /** Copies the references. */
  public Instance {
    references = List.copyOf(references);
  }
}
