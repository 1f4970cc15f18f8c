package org.dapt.data.table;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.EnumSet;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.dapt.chat.ChatMessage;
import org.dapt.data.reader.Instance;
import org.dapt.data.rows.JsonRows;
import org.dapt.data.rows.ParquetRows;
import org.dapt.data.rows.Rows;

/** Conversations: the last message of the assistant is to be answered to those before it. */
public final class ChatFormat extends TableFormat {
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
    if (list == null) {
      throw new RowProblem("it has no " + name);
    }
    List<ChatMessage> messages = Conversation.of(list, name).messages();
    int last = messages.size() - 1;
    while (last >= 0 && !Conversation.isAnswer(messages.get(last))) {
      last--;
    }
    if (last < 1) {
      throw new RowProblem(
          "%s has no message of the assistant%s"
              .formatted(name, last == 0 ? " behind another" : ""));
    }
    Conversation prompt = new Conversation(messages.subList(0, last));
    String id = RowValues.text(row, names, Field.ID);
    return new Instance(
        id == null ? "" : id,
        prompt.instruction(),
        prompt.text(),
        List.of(messages.get(last).content()),
        prompt.messages(),
        null);
  }
}
