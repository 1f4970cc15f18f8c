package org.dapt.convert;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.dapt.io.JsonObjects;
import org.dapt.io.JsonObjects.DamagedException;

/**
 * What a converted folder was made of, and the digests of its files: stored beside them, so that
 * the same conversion is known again.
 *
 * @param source the name of the file that was converted
 * @param sourceSha256 its digest
 * @param files the digests of the folder's files by name
 */
public record ConversionRecord(
    String source, String sourceSha256, SortedMap<String, String> files) {
  /** The file that it lies in. */
  public static final String FILE = "conversion.json";

  private static final String SOURCE = "source";
  private static final String NAME = "file";
  private static final String SHA256 = "sha256";
  private static final String FILES = "files";

  /** Copies the digests. */
  public ConversionRecord {
    files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
  }

  /** The content of the file. */
  public byte[] bytes() {
    ObjectNode json = JsonObjects.create();
    json.putObject(SOURCE).put(NAME, source).put(SHA256, sourceSha256);
    ObjectNode digests = json.putObject(FILES);
    files.forEach(digests::put);
    return JsonObjects.bytes(json);
  }

  /**
   * Reads the content of such a file.
   *
   * @throws DamagedException if it is none
   */
  public static ConversionRecord read(ObjectNode json) throws DamagedException {
    JsonNode source = json.path(SOURCE);
    SortedMap<String, String> files = new TreeMap<>();
    for (Map.Entry<String, JsonNode> file : json.path(FILES).properties()) {
      files.put(file.getKey(), JsonObjects.text(json.path(FILES), file.getKey()));
    }
    return new ConversionRecord(
        JsonObjects.text(source, NAME), JsonObjects.text(source, SHA256), files);
  }
}
