package org.dapt.data.rows;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedInputStream;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.util.Set;
import org.dapt.data.reader.DataJson;
import org.dapt.error.InputException;
import org.dapt.error.Shown;

/** A JSON object a line, or one list of objects: the first character says which. */
public final class JsonRows implements Rows {
  private static final JsonFactory FACTORY = DataJson.factory();

  /** Decimals stay as they are written: answers may be numbers. */
  private static final JsonMapper MAPPER =
      JsonMapper.builder(FACTORY)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private static final ObjectReader WHOLE =
      MAPPER.reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  @Override
  public String unit() {
    return "line";
  }

  @Override
  public void read(InputStream content, String file, Set<String> wanted, RowSink sink)
      throws IOException {
    BufferedInputStream text = new BufferedInputStream(content);
    TextLines.passMark(text);
    if (isList(text)) {
      readList(text, file, sink);
    } else {
      readLines(text, file, sink);
    }
  }

  /** Leaves the stream where it was, and looks no further than a buffer. */
  private static boolean isList(BufferedInputStream text) throws IOException {
    int looked = 4096;
    text.mark(looked + 1);
    int first = text.read();
    while (looked-- > 1 && first >= 0 && Character.isWhitespace(first)) {
      first = text.read();
    }
    text.reset();
    return first == '[';
  }

  private static void readLines(InputStream text, String file, RowSink sink) throws IOException {
    TextLines lines = new TextLines(text, file);
    boolean goOn = true;
    while (goOn && lines.next()) {
      goOn = lines.isBlank() || readLine(lines, sink);
    }
  }

  private static boolean readLine(TextLines lines, RowSink sink) throws IOException {
    String line;
    try {
      line = lines.text();
    } catch (CharacterCodingException e) {
      return sink.bad(lines.number(), "it is not text in UTF-8");
    }
    try {
      JsonNode node = WHOLE.readTree(line);
      return node instanceof ObjectNode row
          ? sink.accept(lines.number(), row)
          : sink.bad(lines.number(), "it is not a JSON object");
    } catch (JsonProcessingException e) {
      return sink.bad(
          lines.number(), "it is not a JSON object: " + Shown.of(e.getOriginalMessage()));
    }
  }

  private static void readList(InputStream text, String file, RowSink sink) throws IOException {
    try (JsonParser parser = FACTORY.createParser(text)) {
      parser.nextToken();
      boolean goOn = true;
      while (goOn && parser.nextToken() != JsonToken.END_ARRAY) {
        int line = parser.currentTokenLocation().getLineNr();
        JsonNode node = MAPPER.readTree(parser);
        goOn =
            node instanceof ObjectNode row
                ? sink.accept(line, row)
                : sink.bad(line, "it is not a JSON object");
      }
      if (goOn && parser.nextToken() != null) {
        throw new InputException(
            "%s goes on behind the end of its list (line %d). Correct the file."
                .formatted(file, parser.currentTokenLocation().getLineNr()));
      }
    } catch (JsonProcessingException e) {
      throw new InputException(
          "%s is not well-formed JSON: line %d: %s. Correct the file or fetch it again."
              .formatted(
                  file,
                  e.getLocation() == null ? 0 : e.getLocation().getLineNr(),
                  Shown.of(e.getOriginalMessage())),
          e);
    } catch (CharConversionException e) {
      throw new InputException(
          "%s is not text in UTF-8, as JSON has to be. Convert the file or fetch it again."
              .formatted(file),
          e);
    }
  }
}
