package org.dapt.adapter;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.dapt.error.InputException;
import org.dapt.error.Shown;
import org.dapt.io.JsonObjects;

/**
 * What dapt knows of an exported block besides its tensors: enough to rebuild the whole model from
 * the exports of all its tasks. The file {@value #FILE} beside the adapter; {@value #ATTENTION}
 * holds the tensors of the attention.
 *
 * @param format {@value #FORMAT}
 * @param producer {@code dapt} and its version
 * @param kind {@code block} or {@code mixture}
 * @param runId of the run that it came from
 * @param method its method
 * @param modelSha256 of the base model's weights
 * @param tokenizerSha256 of the tokenizer
 * @param dtype type of the frozen weights in the run
 * @param alpha α of the run's LoRA blocks
 * @param rslora whether their products are scaled by α / √r in place of α / r; null, which is the
 *     same as false, in exports of earlier versions
 * @param task name of the task; null for a mixture
 * @param position place of the task in the order of learning, from 1; 0 for a mixture
 * @param sha256 digest of block and attention; null for a mixture
 * @param earlier the tasks learnt before, the oldest first; for a mixture all that are mixed
 * @param attention null for methods without attention and for mixtures
 * @param text how an input becomes the text that the model sees
 * @param mixture what was mixed, null for a block
 */
public record Sidecar(
    String format,
    String producer,
    String kind,
    String runId,
    String method,
    String modelSha256,
    String tokenizerSha256,
    String dtype,
    double alpha,
    Boolean rslora,
    String task,
    int position,
    String sha256,
    List<Earlier> earlier,
    Attention attention,
    Text text,
    List<Weight> mixture) {
  /** The file of this record. */
  public static final String FILE = "dapt.json";

  /** The file with key and query network, as in a run. */
  public static final String ATTENTION = "dapt_attention.safetensors";

  /** The format that this version writes and reads. */
  public static final String FORMAT = "1";

  /** {@link #kind} of one block. */
  public static final String BLOCK = "block";

  /** {@link #kind} of a mixture of blocks. */
  public static final String MIXTURE = "mixture";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  /** A task and the digest of what was learnt of it. */
  public record Earlier(String task, String sha256) {}

  /**
   * The attention as of the task.
   *
   * @param temperature logits are divided by temperature · √d
   * @param meanAttention over the task's dev split right after it was learnt
   */
  public record Attention(double temperature, List<Double> meanAttention) {}

  /**
   * How an input is written.
   *
   * @param template with the places {@code {definition}} and {@code {input}}
   * @param definition of the task; null where it is not known
   * @param maxSourceTokens inputs are cut to
   * @param maxNewTokens answers end after
   * @param beginOfText whether inputs begin as the tokenizer begins a text; null, which is the same
   *     as true, in exports of earlier versions
   * @param cleanUpSpaces whether spaces before punctuation are taken out of answers; null, which is
   *     the same as false, in exports of earlier versions
   */
  public record Text(
      String template,
      String definition,
      int maxSourceTokens,
      int maxNewTokens,
      Boolean beginOfText,
      Boolean cleanUpSpaces) {}

  /** A block's weight in a mixture. */
  public record Weight(String task, double weight) {}

  /** The bytes of {@value #FILE}. */
  public byte[] bytes() {
    return JsonObjects.bytes(JSON.valueToTree(this));
  }

  /**
   * Reads {@value #FILE}.
   *
   * @param origin where {@code content} came from, for messages
   * @throws InputException if it is damaged or has another format
   */
  public static Sidecar parse(byte[] content, String origin) {
    ObjectNode object = PeftFiles.object(content, origin);
    String format = object.path("format").asText("none");
    if (!format.equals(FORMAT)) {
      throw new InputException(
          "%s has format %s, this version of dapt reads format %s. Export the task again with this version."
              .formatted(origin, Shown.of(format), FORMAT));
    }
    Sidecar sidecar;
    try {
      sidecar = JSON.convertValue(object, new TypeReference<Sidecar>() {});
    } catch (IllegalArgumentException e) {
      String reason =
          e.getCause() instanceof JsonProcessingException json
              ? json.getOriginalMessage()
              : e.getMessage();
      throw damaged(origin, Shown.of(reason), e);
    }
    if (sidecar.kind == null
        || sidecar.modelSha256 == null
        || sidecar.earlier == null
        || sidecar.method == null) {
      throw damaged(origin, "kind, method, model_sha256 and earlier are expected", null);
    }
    return sidecar;
  }

  private static InputException damaged(String origin, String found, Exception cause) {
    return new InputException(
        "%s is damaged: %s. Export the task again, or delete the file to import the adapter without its attention."
            .formatted(origin, found),
        cause);
  }
}
