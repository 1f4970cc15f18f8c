package org.dapt.adapter;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.dapt.error.InputException;
import org.dapt.error.Shown;
import org.dapt.tensor.NamedTensors;

/**
 * The two files of an adapter in PEFT's format.
 *
 * @param config what {@value #CONFIG} holds
 * @param tensors what {@value #WEIGHTS} holds, by PEFT's names
 */
public record PeftFiles(ObjectNode config, Map<String, Tensor> tensors) {
  /** The name of the file that describes the adapter. */
  public static final String CONFIG = "adapter_config.json";

  /** The name of the file with its tensors. */
  public static final String WEIGHTS = "adapter_model.safetensors";

  static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  /** The bytes of {@value #CONFIG}. */
  public byte[] configBytes() {
    return bytes(config);
  }

  /** The bytes of {@value #WEIGHTS}; equal tensors give equal bytes. */
  public byte[] weightBytes() {
    // The metadata is what PEFT itself writes.
    return NamedTensors.write(tensors, Map.of("format", "pt"));
  }

  /** {@code object} as indented text with a line end. */
  static byte[] bytes(ObjectNode object) {
    try {
      return (JSON.writerWithDefaultPrettyPrinter().writeValueAsString(object) + "\n")
          .getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("JSON nodes are always writable", e);
    }
  }

  /**
   * The JSON object in {@code content}.
   *
   * @param origin where it came from, for messages
   * @throws InputException if it holds something else
   */
  public static ObjectNode object(byte[] content, String origin) {
    String found;
    try {
      JsonNode root = JSON.readTree(content);
      if (root instanceof ObjectNode object) {
        return object;
      }
      found = "it holds no JSON object";
    } catch (JsonProcessingException e) {
      found = Shown.of(e.getOriginalMessage());
    } catch (IOException e) {
      found = "it is not text in UTF-8";
    }
    throw new InputException(
        "%s cannot be read: %s. Write the adapter again, with save_pretrained of PEFT or with dapt export."
            .formatted(origin, found));
  }
}
