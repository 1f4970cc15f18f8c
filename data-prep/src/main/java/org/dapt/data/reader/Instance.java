package org.dapt.data.reader;

import java.util.List;
import org.dapt.chat.ChatMessage;

/**
 * One instance of a task as its file has it.
 *
 * @param id the file's name for it; empty where the file gives none
 * @param instruction what is to be done with this one; blank where the task's definition says it
 * @param input the input text, which may be empty
 * @param references the accepted outputs, at least one; a reference may be empty
 * @param messages the conversation that is to be answered, not empty where the file has one; input
 *     and instruction are what it comes to without roles then
 * @param place where it is; null where the form of the file has no rows
 */
public record Instance(
    String id,
    String instruction,
    String input,
    List<String> references,
    List<ChatMessage> messages,
    Place place) {
  /** Copies the lists. */
  public Instance {
    references = List.copyOf(references);
    messages = List.copyOf(messages);
  }

  /** One that is no conversation. */
  public Instance(String id, String instruction, String input, List<String> references) {
    this(id, instruction, input, references, List.of(), null);
  }

  /** One without an instruction of its own. */
  public Instance(String id, String input, List<String> references) {
    this(id, "", input, references);
  }

  /** The same at {@code place}. */
  public Instance at(Place where) {
    return new Instance(id, instruction, input, references, messages, where);
  }

  /** What is to be done with it in a task with the given definition. */
  public String instructionOr(String definition) {
    return instruction.isBlank() ? definition : instruction;
  }
}
