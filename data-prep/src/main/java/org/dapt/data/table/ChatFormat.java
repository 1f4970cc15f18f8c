package org.dapt.data.table;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.dapt.chat.ChatMessage;
import org.dapt.data.reader.Instance;
import org.dapt.data.reader.WellFormedText;
import org.dapt.data.rows.JsonRows;
import org.dapt.data.rows.ParquetRows;
import org.dapt.data.rows.Rows;
import org.dapt.error.Shown;

/**
 * Conversations: the last message of the assistant is to be answered to those before it. A message
 * is {@code {role, content}}, or {@code {from, value}} as ShareGPT has it.
 */
public final class ChatFormat extends TableFormat {
  private static final String SYSTEM = "system";
  private static final String USER = "user";
  private static final String ASSISTANT = "assistant";

  /** What roles are called in ShareGPT. */
  private static final Map<String, String> ROLES =
      Map.of("human", USER, "gpt", ASSISTANT, "chatgpt", ASSISTANT, "bot", ASSISTANT);

  /** Used by {@link java.util.ServiceLoader}. */
  public ChatFormat() {
    super(
        "chat",
        List.of(".jsonl", ".ndjson", ".json", ".parquet"),
        EnumSet.of(Field.MESSAGES, Field.ID, Field.TASK, Field.SPLIT),
        EnumSet.of(Field.MESSAGES));
  }

  @Override
  Rows rows(Configuration hadoop, String file) {
    return file.endsWith(".parquet") ? new ParquetRows(hadoop) : new JsonRows();
  }

  @Override
  Instance instance(ObjectNode row, FieldNames names) throws RowProblem {
    String name = names.of(Field.MESSAGES);
    JsonNode list = RowValues.value(row, names, Field.MESSAGES);
    if (list == null || !list.isArray()) {
      throw new RowProblem(
          list == null
              ? "it has no " + name
              : name + " is no list, expected one of {role, content}");
    }
    List<ChatMessage> messages = new ArrayList<>();
    for (JsonNode message : list) {
      messages.add(message(message, name));
    }
    int last = messages.size() - 1;
    while (last >= 0 && !messages.get(last).role().equals(ASSISTANT)) {
      last--;
    }
    if (last < 1) {
      throw new RowProblem(
          "%s has no message of the assistant%s"
              .formatted(name, last == 0 ? " behind another" : ""));
    }
    List<ChatMessage> prompt = messages.subList(0, last);
    String id = RowValues.text(row, names, Field.ID);
    boolean hasSystem = prompt.get(0).role().equals(SYSTEM);
    return new Instance(
        id == null ? "" : id,
        hasSystem ? prompt.get(0).content() : "",
        asText(hasSystem ? prompt.subList(1, prompt.size()) : prompt),
        List.of(messages.get(last).content()),
        prompt,
        null);
  }

  /** One message as it is; of several each with its role. */
  private static String asText(List<ChatMessage> messages) {
    if (messages.size() == 1) {
      return messages.get(0).content();
    }
    List<String> lines = new ArrayList<>();
    messages.forEach(message -> lines.add(message.role() + ": " + message.content()));
    return String.join("\n", lines);
  }

  private static ChatMessage message(JsonNode message, String name) throws RowProblem {
    JsonNode role = message.has("role") ? message.get("role") : message.get("from");
    JsonNode content = message.has("content") ? message.get("content") : message.get("value");
    if (role == null || !role.isTextual()) {
      throw new RowProblem("a message of " + name + " has no role");
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
