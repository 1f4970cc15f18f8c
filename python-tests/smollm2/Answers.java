import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Backbones;
import org.dapt.backbone.Batch;
import org.dapt.decode.GreedyDecoder;
import org.dapt.method.Predictor;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Tensors;
import org.dapt.tokenizer.TextTokenizer;

/**
 * What the packaged product computes with a model folder, in float32 on the processor. Reads {@code
 * {"texts": [text], "prompts": [ids], "targets": [{"prompt": ids, "target": ids}], "new_tokens": n}}
 * and writes {@code {"ids": [ids], "logits": [[number]], "greedy": [ids], "targets": [[{"best": id,
 * "lead": number, "loss": number}]]}}: the ids of each text, the logits behind each prompt, its
 * greedy answer, and at each target position the likeliest token, by how much its logit exceeds the
 * second largest, and the negative logarithm of the target's probability.
 */
final class Answers {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Answers() {}

  /** The model folder is the only argument. */
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    JsonNode asked = JSON.readTree(System.in);
    Map<String, Object> answer = new LinkedHashMap<>();
    try (TextTokenizer tokenizer = TextTokenizer.load(folder)) {
      List<int[]> ids = new ArrayList<>();
      asked.get("texts").forEach(text -> ids.add(tokenizer.encode(text.asText(), 1 << 20).ids()));
      answer.put("ids", ids);
    }
    try (Backbone model = Backbones.load(folder, Placement.cpu(ComputeType.FLOAT32))) {
      List<int[]> prompts = new ArrayList<>();
      asked.get("prompts").forEach(prompt -> prompts.add(ids(prompt)));
      List<double[]> logits = new ArrayList<>();
      // One target token, whatever it is: its logits are those behind the prompt.
      prompts.forEach(prompt -> logits.add(logits(model, prompt, new int[] {0}).get(0)));
      answer.put("logits", logits);
      GreedyDecoder decoder = new GreedyDecoder(model, asked.get("new_tokens").asInt(), 1 << 12);
      answer.put(
          "greedy",
          decoder.decode(prompts, Predictor.NONE).stream().map(each -> each.tokens()).toList());
      List<List<Map<String, Number>>> targets = new ArrayList<>();
      for (JsonNode each : asked.get("targets")) {
        int[] target = ids(each.get("target"));
        List<double[]> rows = logits(model, ids(each.get("prompt")), target);
        List<Map<String, Number>> positions = new ArrayList<>();
        for (int i = 0; i < target.length; i++) {
          positions.add(position(rows.get(i), target[i]));
        }
        targets.add(positions);
      }
      answer.put("targets", targets);
    }
    JSON.writeValue(System.out, answer);
  }

  private static Map<String, Number> position(double[] logits, int target) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      best = logits[i] > logits[best] ? i : best;
    }
    double second = Double.NEGATIVE_INFINITY;
    double sum = 0;
    for (int i = 0; i < logits.length; i++) {
      second = i == best ? second : Math.max(second, logits[i]);
      sum += Math.exp(logits[i] - logits[best]);
    }
    double loss = logits[best] + Math.log(sum) - logits[target];
    return Map.of("best", best, "lead", logits[best] - second, "loss", loss);
  }

  /** The logits at each position of {@code target}. */
  private static List<double[]> logits(Backbone model, int[] prompt, int[] target) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Batch batch = new Batch(model.source(List.of(prompt)), List.of(target));
      double[] all = Tensors.toDoubles(model.targetLogits(batch, Adaptation.NONE));
      List<double[]> rows = new ArrayList<>();
      for (int i = 0; i < target.length; i++) {
        double[] row = new double[model.vocabulary()];
        System.arraycopy(all, i * row.length, row, 0, row.length);
        rows.add(row);
      }
      return rows;
    }
  }

  private static int[] ids(JsonNode list) {
    return JSON.convertValue(list, int[].class);
  }
}
