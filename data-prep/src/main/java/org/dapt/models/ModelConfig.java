package org.dapt.models;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.dapt.backbone.Backbones;
import org.dapt.error.InputException;

/** What preparing needs to know of a model besides its tokenizer. */
public final class ModelConfig {
  private static final String FILE = "config.json";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private ModelConfig() {}

  /**
   * The id that ends a target.
   *
   * @throws InputException if the folder has no readable {@code config.json}, or one of an unknown
   *     architecture
   */
  public static int endToken(Configuration hadoop, String modelFolder) {
    var file = new Path(modelFolder, FILE);
    try (var in = file.getFileSystem(hadoop).open(file)) {
      JsonNode config = JSON.readTree(in);
      return Backbones.endToken(config, java.nio.file.Path.of(file.toUri().getPath()));
    } catch (IOException e) {
      throw new InputException(
          "The model's configuration %s cannot be read: %s. Correct model.path, or upload the model folder."
              .formatted(file, e.getMessage()),
          e);
    }
  }
}
