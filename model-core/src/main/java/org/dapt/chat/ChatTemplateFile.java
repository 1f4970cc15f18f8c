package org.dapt.chat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.dapt.error.ConfigException;
import org.dapt.error.InputException;
import org.dapt.io.JsonObjects;
import org.dapt.io.ModelFiles;

/**
 * Where a model folder has its chat template: in {@value #OWN}, or in {@value #CONFIG} as a text or
 * as a list of named ones, of which the one called {@code default} is meant.
 */
public final class ChatTemplateFile {
  private static final String OWN = "chat_template.jinja";
  private static final String CONFIG = "tokenizer_config.json";
  private static final String FIELD = "chat_template";

  private ChatTemplateFile() {}

  /**
   * The chat template of a model.
   *
   * @throws ConfigException if it has none
   * @throws InputException if it has one that cannot be used
   */
  public static ChatTemplate read(ModelFiles files) {
    try {
      JsonNode config =
          files.exists(CONFIG) ? JsonObjects.read(bytes(files, CONFIG)) : JsonObjects.create();
      if (files.exists(OWN)) {
        return ChatTemplate.of(
            new String(bytes(files, OWN), StandardCharsets.UTF_8),
            files.shown(OWN),
            tokens(config));
      }
      return ChatTemplate.of(source(config, files), files.shown(CONFIG), tokens(config));
    } catch (IOException e) {
      throw new InputException(
          "The chat template in %s cannot be read: %s. Upload the model folder again."
              .formatted(files.shown(), e.getMessage()),
          e);
    } catch (JsonObjects.DamagedException e) {
      throw new InputException(
          "%s is not usable: %s. Fetch it again.".formatted(files.shown(CONFIG), e.getMessage()),
          e);
    }
  }

  private static String source(JsonNode config, ModelFiles files) {
    JsonNode stated = config.path(FIELD);
    if (stated.isTextual()) {
      return stated.textValue();
    }
    for (JsonNode named : stated) {
      if (named.path("name").asText().equals("default") && named.path("template").isTextual()) {
        return named.path("template").textValue();
      }
    }
    throw new ConfigException(
        "tasks.template is chat, but the model %s has no chat template: expected %s, or %s in %s. Take a model that was made to chat, or, unless tasks.format is chat, state a template with {input}."
            .formatted(files.shown(), OWN, FIELD, CONFIG));
  }

  /** The special tokens that a template may write, each a text or an object with one. */
  private static Map<String, String> tokens(JsonNode config) {
    Map<String, String> tokens = new TreeMap<>();
    config
        .fields()
        .forEachRemaining(
            entry -> {
              JsonNode value =
                  entry.getValue().isObject() ? entry.getValue().path("content") : entry.getValue();
              if (entry.getKey().endsWith("_token") && value.isTextual()) {
                tokens.put(entry.getKey(), value.textValue());
              }
            });
    return tokens;
  }

  private static byte[] bytes(ModelFiles files, String name) throws IOException {
    try (InputStream in = files.open(name)) {
      return in.readAllBytes();
    }
  }
}
