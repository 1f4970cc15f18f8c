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
 * Where an object or a table has what counts. A name with dots leads into a field of fields, unless
 * a field has this very name.
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
    boolean told = toDo != null && !toDo.isBlank();
    // An instruction alone is asked, too, as it is learnt from.
    if (text == null && !told) {
      return InputRow.bad(name, (input.isEmpty() ? instruction : input) + " is missing");
    }
    return new InputRow(
        name,
        // As in task files: then the instruction that is given for all counts.
        told ? WellFormedText.of(toDo) : null,
        text == null ? "" : WellFormedText.of(text));
  }

  /** As fields of rows that are learnt from: a dot leads into a field of fields. */
  private static JsonNode at(JsonNode object, String name) {
    JsonNode value = object.path(name);
    if (value.isMissingNode() && name.contains(".")) {
      value = object;
      for (String part : name.split("\\.", -1)) {
        value = value.path(part);
      }
    }
    return value;
  }

  private InputRow ofObject(JsonNode object) {
    if (!object.isObject()) {
      return InputRow.bad(null, "not a JSON object");
    }
    JsonNode name = at(object, id);
    String rowId = null;
    if (name.isTextual() || name.isIntegralNumber()) {
      rowId = name.asText();
    } else if (!name.isMissingNode() && !name.isNull()) {
      return InputRow.bad(null, id + " is neither a text nor a whole number");
    }
    JsonNode toDo = instruction.isEmpty() ? MissingNode.getInstance() : at(object, instruction);
    if (!toDo.isTextual() && !toDo.isMissingNode() && !toDo.isNull()) {
      return InputRow.bad(rowId, instruction + " is not a text");
    }
    JsonNode text = at(object, input);
    JsonNode said = at(object, messages);
    if (!text.isTextual() && !said.isMissingNode()) {
      return ofConversation(rowId, toDo.textValue(), said);
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
