package org.dapt.predict;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.Serializable;
import java.util.List;
import org.dapt.chat.ChatMessage;

/**
 * One input as it was given.
 *
 * @param id its name; null where it has none
 * @param instruction what is to be done with it; null where it brings none of its own
 * @param input the text; null where there is none that could be answered
 * @param messages the conversation that {@code input} stands for; empty where it is a text
 * @param problem why it cannot be answered; null where it can
 */
record InputRow(
    @JsonProperty("id") String id,
    @JsonProperty("instruction") String instruction,
    @JsonProperty("input") String input,
    @JsonProperty("messages") List<ChatMessage> messages,
    @JsonProperty("problem") String problem)
    implements Serializable {
  /** Copies the list. */
  InputRow {
    messages = messages == null ? List.of() : List.copyOf(messages);
  }

  /** A text. */
  InputRow(String id, String instruction, String input) {
    this(id, instruction, input, List.of(), null);
  }

  /** One that cannot be answered. */
  static InputRow bad(String id, String problem) {
    return new InputRow(id, null, null, List.of(), problem);
  }
}
