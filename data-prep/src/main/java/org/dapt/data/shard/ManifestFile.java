package org.dapt.data.shard;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.dapt.data.file.AtomicFile;
import org.dapt.data.file.ReadableFile;
import org.dapt.error.DaptException;
import org.dapt.error.InputException;
import org.dapt.error.Shown;
import org.dapt.io.JsonObjects;

/** The manifest as the JSON file {@value TaskManifest#FILE} of a prepared task. */
public final class ManifestFile {
  private static final String ADVICE = "Delete the folder and run prepare again.";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

  private ManifestFile() {}

  /** Writes {@code manifest} into {@code folder}, whole or not at all. */
  public static void write(FileSystem files, Path folder, TaskManifest manifest)
      throws IOException {
    // A fixed line end, so that the bytes are the same on every system.
    var lines = new DefaultIndenter("  ", "\n");
    var printer = new DefaultPrettyPrinter().withObjectIndenter(lines).withArrayIndenter(lines);
    JsonNode tree = JSON.valueToTree(manifest);
    LaterParts.leaveOut(tree);
    var text = JSON.writer(printer).writeValueAsString(tree) + "\n";
    AtomicFile.write(
        files, new Path(folder, TaskManifest.FILE), text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Reads the manifest of {@code folder}.
   *
   * @throws InputException if there is none, it is damaged, or of another version
   */
  public static TaskManifest read(FileSystem files, Path folder) throws IOException {
    var file = new Path(folder, TaskManifest.FILE);
    try (var in = ReadableFile.open(files, file)) {
      var tree = JsonObjects.value(in.readAllBytes());
      var version = tree.path("format_version").asInt(0);
      if (version != TaskManifest.FORMAT_VERSION) {
        throw new InputException(
            "%s has format version %s, expected %d: it was written by another version of dapt, or not by dapt. %s"
                .formatted(
                    file,
                    Shown.of(tree.path("format_version")),
                    TaskManifest.FORMAT_VERSION,
                    ADVICE));
      }
      LaterParts.add(tree);
      var manifest = JSON.treeToValue(tree, TaskManifest.class);
      ManifestCheck.problem(manifest)
          .ifPresent(
              problem -> {
                throw new InputException("%s is damaged: %s. %s".formatted(file, problem, ADVICE));
              });
      return manifest;
    } catch (FileNotFoundException e) {
      throw new InputException(
          "%s does not exist: the task was not prepared, or not to the end. Run prepare."
              .formatted(file),
          e);
    } catch (ChecksumException e) {
      throw new InputException("%s is damaged: %s. %s".formatted(file, e.getMessage(), ADVICE), e);
    } catch (JsonProcessingException e) {
      throw new InputException(
          "%s is not a manifest: %s. %s".formatted(file, reason(e), ADVICE), e);
    } catch (JsonObjects.DamagedException e) {
      throw new InputException(
          "%s is not a manifest: %s. %s".formatted(file, e.getMessage(), ADVICE), e);
    }
  }

  /** What is wrong in terms of the file: Jackson speaks of Java's types. */
  private static String reason(JsonProcessingException failure) {
    if (!(failure instanceof JsonMappingException wrong)) {
      return Shown.of(failure.getOriginalMessage());
    }
    var place =
        wrong.getPath().stream()
            .map(at -> at.getFieldName() == null ? "[" + at.getIndex() + "]" : at.getFieldName())
            .collect(Collectors.joining("."));
    var known = DaptException.in(failure).map(Throwable::getMessage);
    return "the value%s is missing, unknown or of the wrong kind%s"
        .formatted(
            place.isEmpty() ? "" : " at " + Shown.of(place),
            known.map(message -> " (" + message + ")").orElse(""));
  }
}
