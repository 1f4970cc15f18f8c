package org.dapt.data.table;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.dapt.chat.ChatMessage;
import org.dapt.data.reader.WellFormedText;
import org.dapt.error.Shown;

/**
 * A conversation as data have it.
 *
 * @param messages at least one, in their order
 */
public record Conversation(List<ChatMessage> messages) {
  private static final String SYSTEM = "system";
  private static final String USER = "user";
  private static final String ASSISTANT = "assistant";

  /** What a message has in place of a text where a tool is called. */
  private static final List<String> CALLS = List.of("tool_calls", "function_call");

  /** What roles are called in ShareGPT. */
  private static final Map<String, String> ROLES =
      Map.of("human", USER, "gpt", ASSISTANT, "chatgpt", ASSISTANT, "bot", ASSISTANT);

  /** Copies the list. */
  public Conversation {
    messages = List.copyOf(messages);
  }

  /**
   * The one in {@code list}, whose messages are {@code {role, content}}, or {@code {from, value}}
   * as ShareGPT has it.
   *
   * @param name of the field, for messages
   * @throws RowProblem where it is not one
   */
  public static Conversation of(JsonNode list, String name) throws RowProblem {
    if (!list.isArray()) {
      throw new RowProblem(name + " is no list, expected one of {role, content}");
    }
    List<ChatMessage> messages = new ArrayList<>();
    for (JsonNode message : list) {
      messages.add(message(message, name));
    }
    if (messages.isEmpty()) {
      throw new RowProblem(name + " has no message");
    }
    return new Conversation(messages);
  }

  /** Whether the assistant says it. */
  static boolean isAnswer(ChatMessage message) {
    return message.role().equals(ASSISTANT);
  }

  /**
   * What is to be answered: what the assistant says at the end is left out.
   *
   * @throws RowProblem where nothing is left
   */
  public Conversation asked(String name) throws RowProblem {
    int end = messages.size();
    while (end > 0 && isAnswer(messages.get(end - 1))) {
      end--;
    }
    if (end == 0) {
      throw new RowProblem(name + " has no message but the assistant's");
    }
    return new Conversation(messages.subList(0, end));
  }

  /** The message of the system that it begins with; empty where it begins with none. */
  public String instruction() {
    return hasSystem() ? messages.get(0).content() : "";
  }

  /**
   * What comes behind {@link #instruction}: one message as it is; of several each with its role.
   */
  public String text() {
    List<ChatMessage> said = hasSystem() ? messages.subList(1, messages.size()) : messages;
    if (said.size() == 1) {
      return said.get(0).content();
    }
    List<String> lines = new ArrayList<>();
    said.forEach(message -> lines.add(message.role() + ": " + message.content()));
    return String.join("\n", lines);
  }

  private boolean hasSystem() {
    return messages.get(0).role().equals(SYSTEM);
  }

  private static ChatMessage message(JsonNode message, String name) throws RowProblem {
    JsonNode role = message.has("role") ? message.get("role") : message.get("from");
    JsonNode content = message.has("content") ? message.get("content") : message.get("value");
    if (role == null || !role.isTextual()) {
      throw new RowProblem("a message of " + name + " has no role");
    }
    for (String call : CALLS) {
      // A list of calls, or one as an object.
      if (!message.path(call).isEmpty()) {
        throw new RowProblem(
            "a message of %s calls a tool (%s), only texts can be learnt".formatted(name, call));
      }
    }
    return new ChatMessage(
        ROLES.getOrDefault(role.textValue(), role.textValue()), content(content, name));
  }

  /** A text, or parts of which each is one. */
  private static String content(JsonNode content, String name) throws RowProblem {
    if (content != null && content.isTextual()) {
      return WellFormedText.of(content.textValue());
    }
    if (content == null || !content.isArray()) {
      throw new RowProblem("a message of " + name + " has no text as content");
    }
    StringBuilder text = new StringBuilder();
    for (JsonNode part : content) {
      if (!part.path("text").isTextual()) {
        throw new RowProblem(
            "a message of %s has a part of type %s, only texts can be learnt"
                .formatted(name, Shown.of(part.path("type").asText("unknown"))));
      }
      text.append(part.path("text").textValue());
    }
    return WellFormedText.of(text.toString());
  }
}
