package org.dapt.run;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.dapt.data.file.JsonFile;
import org.dapt.error.InputException;
import org.dapt.error.Shown;
import org.dapt.io.JsonObjects;
import org.dapt.io.JsonObjects.DamagedException;

/**
 * The file {@value #FILE} of a folder, written last: the folder is finished, and this is what it
 * was made from. A JSON object of {@code format}, {@code config_hash}, {@code inputs} (the SHA-256
 * of each input by its name), {@code created_at} and {@code summary} (what the job wants to tell).
 *
 * <p>Reads the file on every call. Failures of the file system are {@link UncheckedIOException}s.
 */
public final class Marker {
  /** The name of the file. */
  public static final String FILE = "_DONE";

  /** The key of what the job tells. */
  public static final String SUMMARY = "summary";

  /** The key of the time at which the folder was finished. */
  public static final String CREATED_AT = "created_at";

  private static final String FORMAT = "1";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final FileSystem files;
  private final Path folder;
  private final Path file;

  private Marker(FileSystem files, Path folder) {
    this.files = files;
    this.folder = folder;
    this.file = new Path(folder, FILE);
  }

  /** The marker of {@code folder}, which need not exist. */
  public static Marker of(FileSystem files, Path folder) {
    return new Marker(files, folder);
  }

  /**
   * Whether the folder is finished, whatever it was made from.
   *
   * @throws InputException if the marker is damaged
   */
  public boolean isDone() {
    return read().isPresent();
  }

  /**
   * Whether the folder is finished and was made from just these inputs with this configuration.
   *
   * @throws InputException if the marker is damaged
   */
  public boolean matches(String configHash, Map<String, String> inputs) {
    return read()
        .map(found -> found.configHash().equals(configHash) && found.inputs().equals(inputs))
        .orElse(false);
  }

  /**
   * The hash of the configuration that the folder was made with; empty if it is not finished.
   *
   * @throws InputException if the marker is damaged
   */
  public Optional<String> configHash() {
    return read().map(Content::configHash);
  }

  /**
   * What the job stored beside the hashes; numbers come back as JSON's: whole ones as int or long,
   * others as double.
   *
   * @throws InputException if there is no marker or it is damaged
   */
  public Map<String, Object> summary() {
    return read()
        .map(Content::summary)
        .orElseThrow(
            () ->
                new InputException(
                    "%s does not exist: %s is not finished. Run the job that writes it to its end."
                        .formatted(file, folder)));
  }

  /**
   * The text that the job stored as {@code key}.
   *
   * @throws InputException if there is none, no marker, or it is damaged
   */
  public String text(String key) {
    if (summary().get(key) instanceof String text) {
      return text;
    }
    throw lacks(key, "text");
  }

  /**
   * The number that the job stored as {@code key}.
   *
   * @throws InputException if there is none, no marker, or it is damaged
   */
  public Number number(String key) {
    if (summary().get(key) instanceof Number number) {
      return number;
    }
    throw lacks(key, "number");
  }

  private InputException lacks(String key, String kind) {
    return new InputException(
        "The marker %s has no %s %s in its summary, which this version of dapt expects. Delete this folder and run the job again."
            .formatted(file, kind, key));
  }

  /**
   * Declares the folder finished, in place of an older marker. To be called when everything else in
   * the folder has its final name.
   *
   * @param inputs the SHA-256 of each input by its name
   * @param summary values that JSON knows
   */
  public void write(String configHash, Map<String, String> inputs, Map<String, Object> summary) {
    ObjectNode object = JsonObjects.create();
    object.put("format", FORMAT);
    object.put("config_hash", configHash);
    object.set("inputs", JsonObjects.tree(new TreeMap<>(inputs)));
    object.put(CREATED_AT, Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
    object.set(SUMMARY, JsonObjects.tree(summary));
    try {
      JsonFile.write(files, file, object);
    } catch (IOException e) {
      throw new UncheckedIOException("The marker " + file + " could not be written", e);
    }
  }

  private record Content(
      String configHash, Map<String, String> inputs, Map<String, Object> summary) {}

  private Optional<Content> read() {
    try {
      return Optional.of(parse(JsonFile.read(files, file)));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("The marker " + file + " could not be read", e);
    } catch (DamagedException e) {
      throw new InputException(
          "The marker %s is damaged: %s. Whether %s is complete is unknown: delete this folder and run the job again."
              .formatted(file, e.getMessage(), folder),
          e);
    }
  }

  private static Content parse(ObjectNode object) throws DamagedException {
    String format = JsonObjects.text(object, "format");
    if (!format.equals(FORMAT)) {
      throw new DamagedException(
          "its format is %s, %s is expected".formatted(Shown.of(format), FORMAT), null);
    }
    if (!object.path("inputs").isObject() || !object.path(SUMMARY).isObject()) {
      throw new DamagedException("objects are expected at inputs and summary", null);
    }
    TreeMap<String, String> inputs = new TreeMap<String, String>();
    for (Iterator<String> names = object.get("inputs").fieldNames(); names.hasNext(); ) {
      String name = names.next();
      inputs.put(name, JsonObjects.text(object.get("inputs"), name));
    }
    return new Content(
        JsonObjects.text(object, "config_hash"),
        inputs,
        JSON.convertValue(object.get(SUMMARY), new TypeReference<Map<String, Object>>() {}));
  }
}
