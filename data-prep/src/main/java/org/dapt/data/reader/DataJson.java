package org.dapt.data.reader;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;

/**
 * JSON as tools write data. It is read strictly, but for the numbers {@code NaN}, {@code Infinity}
 * and {@code -Infinity}: Python writes them where a table had nothing, and published task files
 * have them in fields that nobody reads.
 */
public final class DataJson {
  private DataJson() {}

  /** A factory of parsers that refuse a field that is there twice, and leave streams open. */
  public static JsonFactory factory() {
    return JsonFactory.builder()
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
        .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
        .build();
  }
}
