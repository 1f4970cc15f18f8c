package org.dapt.adapter;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.dapt.error.InputException;
import org.dapt.io.JsonObjects;
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

  /** The bytes of {@value #CONFIG}. */
  public byte[] configBytes() {
    return JsonObjects.bytes(config);
  }

  /** The bytes of {@value #WEIGHTS}; equal tensors give equal bytes. */
  public byte[] weightBytes() {
    // The metadata is what PEFT itself writes.
    return NamedTensors.write(tensors, Map.of("format", "pt"));
  }

  /**
   * The JSON object in {@code content}.
   *
   * @param origin where it came from, for messages
   * @throws InputException if it holds something else
   */
  public static ObjectNode object(byte[] content, String origin) {
    try {
      return JsonObjects.read(content);
    } catch (JsonObjects.DamagedException e) {
      throw new InputException(
          "%s cannot be read: %s. Write the adapter again, with save_pretrained of PEFT or with dapt export."
              .formatted(origin, e.getMessage()),
          e);
    }
  }
}
