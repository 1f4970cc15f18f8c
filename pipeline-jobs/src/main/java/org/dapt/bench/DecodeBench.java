package org.dapt.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.dapt.backbone.Backbone;
import org.dapt.data.reader.Split;
import org.dapt.decode.Decoded;
import org.dapt.decode.GreedyDecoder;
import org.dapt.method.Predictor;
import org.dapt.models.Models;
import org.dapt.random.KeyedRandom;
import org.dapt.tensor.NativeRuntime;
import org.dapt.tokenizer.TextTokenizer;

/** Measures greedy decoding by the frozen model: of a task's test split, or of random inputs. */
public final class DecodeBench {
  private static final long SEED = 1;

  private final BenchModel model;
  private final Settings settings;

  /**
   * What is decoded.
   *
   * @param data the task, or null for random inputs
   * @param examples random inputs; not read with a task
   * @param batch inputs that are decoded together
   * @param maxSource longest input in tokens; the length of random ones
   * @param maxNewTokens longest answer in tokens
   * @param warmup batches that are decoded before the measured ones
   * @param threads of the tensor engine
   * @param dtype type of weights and activations
   * @param answers file for the ids of the answers, one JSON array a line in the order of the
   *     inputs, or null
   */
  public record Settings(
      StepSettings.Data data,
      int examples,
      int batch,
      int maxSource,
      int maxNewTokens,
      int warmup,
      int threads,
      String dtype,
      Path answers) {}

  /** Measures {@code model} with {@code settings}. */
  public DecodeBench(BenchModel model, Settings settings) {
    this.model = model;
    this.settings = settings;
  }

  /**
   * Decodes all inputs once; a measured run is a batch. Answers to random inputs have all tokens
   * that they may have: where random weights would end them says nothing.
   */
  public BenchResult run() throws Exception {
    NativeRuntime.useThreads(settings.threads());
    try (PointerScope scope = new PointerScope();
        Backbone backbone = model.load(BenchModel.type(settings.dtype()))) {
      int batchTokens = settings.batch() * settings.maxSource();
      List<int[]> sources = sources(backbone);
      GreedyDecoder decoder =
          new GreedyDecoder(
              backbone,
              settings.maxNewTokens(),
              batchTokens,
              settings.data() == null ? Set.of() : backbone.endTokens());
      DeviceMeter meter = new DeviceMeter(model.device());
      // Inputs of like length go together, as evaluation puts them.
      List<Integer> order =
          IntStream.range(0, sources.size())
              .boxed()
              .sorted(Comparator.comparingInt(i -> -sources.get(i).length))
              .toList();
      List<List<Integer>> batches = new ArrayList<>();
      for (int from = 0; from < order.size(); from += settings.batch()) {
        batches.add(order.subList(from, Math.min(from + settings.batch(), order.size())));
      }
      for (int i = 0; i < settings.warmup(); i++) {
        List<Integer> batch = batches.get(i % batches.size());
        decoder.decode(batch.stream().map(sources::get).toList(), Predictor.NONE);
      }
      meter.finish();
      Decoded[] answers = new Decoded[sources.size()];
      Timings timings = new Timings();
      for (List<Integer> batch : batches) {
        timings.measure(
            () -> {
              List<Decoded> decoded =
                  decoder.decode(batch.stream().map(sources::get).toList(), Predictor.NONE);
              for (int i = 0; i < batch.size(); i++) {
                answers[batch.get(i)] = decoded.get(i);
              }
              meter.finish();
            });
      }
      return result(sources, answers, timings, meter);
    }
  }

  private BenchResult result(
      List<int[]> sources, Decoded[] answers, Timings timings, DeviceMeter meter)
      throws IOException {
    if (settings.answers() != null) {
      Files.write(
          settings.answers(),
          Arrays.stream(answers).map(answer -> Arrays.toString(answer.tokens())).toList());
    }
    long generated = Arrays.stream(answers).mapToLong(answer -> answer.tokens().length).sum();
    long read = sources.stream().mapToLong(source -> source.length).sum();
    Map<String, Object> more = new LinkedHashMap<>();
    more.put("examples_per_second", BenchResult.perSecond(sources.size(), timings));
    more.put("generated_tokens", generated);
    more.putAll(meter.figures());
    return new BenchResult(timings, read + generated, more, describe(sources.size()));
  }

  private List<int[]> sources(Backbone backbone) throws IOException {
    StepSettings.Data data = settings.data();
    if (data == null) {
      RandomGenerator random = KeyedRandom.of(SEED, "bench-inputs");
      return IntStream.range(0, settings.examples())
          .mapToObj(i -> RandomTokens.draw(random, settings.maxSource(), backbone))
          .toList();
    }
    TaskTexts texts = TaskTexts.read(data.task(), data.format(), Split.TEST, data.limit());
    List<int[]> sources = new ArrayList<>();
    TextTokenizer tokenizer = Models.tokenizer(data.tokenizer());
    for (String prompt : texts.prompts()) {
      sources.add(tokenizer.encode(prompt, settings.maxSource()).ids());
    }
    return sources;
  }

  private Map<String, Object> describe(int examples) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("command", "decode");
    all.put("model", model.name());
    if (settings.data() != null) {
      all.put("task", settings.data().task().toString());
    }
    all.put("batch", settings.batch());
    all.put("max_source", settings.maxSource());
    all.put("max_new_tokens", settings.maxNewTokens());
    all.put("warmup", settings.warmup());
    all.put("threads", settings.threads());
    all.put("dtype", settings.dtype());
    all.put("device", model.device().name());
    all.put("examples", examples);
    return all;
  }
}
