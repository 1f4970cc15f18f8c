package org.dapt.predict;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.Serializable;
import org.dapt.data.reader.DataJson;
import org.dapt.data.reader.WellFormedText;
import org.dapt.data.table.Conversation;
import org.dapt.data.table.RowProblem;
import org.dapt.error.Shown;

/**
 * Where an object or a table has what counts.
 *
 * @param input name of the field or column of the text
 * @param id name of that of the name, which may be missing
 * @param instruction name of that of the instruction, which may be missing; empty where rows have
 *     none
 * @param messages name of that of a conversation, which stands in place of a text
 */
public record InputFields(String input, String id, String instruction, String messages)
    implements Serializable {
  private static final JsonMapper JSON =
      JsonMapper.builder(DataJson.factory())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** For one object of many. */
  private static final ObjectReader NODES =
      JSON.reader().without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /** The row in a line of text that should hold a JSON object. */
  InputRow ofLine(String line) {
    // Editors on Windows put a mark in front of the first line.
    String text = line.startsWith("\uFEFF") ? line.substring(1) : line;
    try {
      return ofObject(JSON.readTree(text));
    } catch (JsonProcessingException e) {
      return InputRow.bad(null, "not a JSON object: " + Shown.of(e.getOriginalMessage()));
    }
  }

  /** The row in the object at the current token of {@code parser}, which then is at its end. */
  InputRow next(JsonParser parser) throws IOException {
    return ofObject(NODES.readTree(parser));
  }

  /** A row of a table; null where there is nothing. */
  InputRow ofColumns(String rowId, String toDo, String text) {
    String name = rowId == null || rowId.isEmpty() ? null : WellFormedText.of(rowId);
    if (text == null) {
      return InputRow.bad(name, input + " is missing");
    }
    return new InputRow(
        name,
        // As in task files: then the instruction that is given for all counts.
        toDo == null || toDo.isBlank() ? null : WellFormedText.of(toDo),
        WellFormedText.of(text));
  }

  private InputRow ofObject(JsonNode object) {
    if (!object.isObject()) {
      return InputRow.bad(null, "not a JSON object");
    }
    JsonNode name = object.path(id);
    String rowId = null;
    if (name.isTextual() || name.isIntegralNumber()) {
      rowId = name.asText();
    } else if (!name.isMissingNode() && !name.isNull()) {
      return InputRow.bad(null, id + " is neither a text nor a whole number");
    }
    JsonNode toDo = instruction.isEmpty() ? MissingNode.getInstance() : object.path(instruction);
    if (!toDo.isTextual() && !toDo.isMissingNode() && !toDo.isNull()) {
      return InputRow.bad(rowId, instruction + " is not a text");
    }
    JsonNode text = object.path(input);
    if (!text.isTextual() && object.has(messages)) {
      return ofConversation(rowId, toDo.textValue(), object.get(messages));
    }
    if (!text.isTextual() && !text.isMissingNode() && !text.isNull()) {
      return InputRow.bad(rowId, input + " is not a text");
    }
    return ofColumns(rowId, toDo.textValue(), text.textValue());
  }

  private InputRow ofConversation(String rowId, String toDo, JsonNode list) {
    try {
      Conversation asked = Conversation.of(list, messages).asked(messages);
      InputRow row =
          ofColumns(
              rowId, asked.instruction().isBlank() ? toDo : asked.instruction(), asked.text());
      return new InputRow(row.id(), row.instruction(), row.input(), asked.messages(), null);
    } catch (RowProblem e) {
      return InputRow.bad(rowId, e.getMessage());
    }
  }

  /** Whether {@code token} begins what {@link #next} reads. */
  static boolean begins(JsonToken token) {
    return token != null && token != JsonToken.END_ARRAY && token != JsonToken.END_OBJECT;
  }
}
