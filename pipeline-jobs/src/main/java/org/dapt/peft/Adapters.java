package org.dapt.peft;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.dapt.adapter.BlockMixture;
import org.dapt.adapter.Sidecar;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Source;
import org.dapt.config.AttentionSelection;
import org.dapt.config.DaptConfig;
import org.dapt.data.prompt.Prompts;
import org.dapt.data.reader.PromptTemplate;
import org.dapt.data.shard.PreparedTask;
import org.dapt.error.ConfigException;
import org.dapt.job.JobContext;
import org.dapt.job.OutputFolder;
import org.dapt.job.Version;
import org.dapt.method.ContinualMethod;
import org.dapt.method.ContinualMethods;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.Predictor;
import org.dapt.method.Trait;
import org.dapt.models.Models;
import org.dapt.run.LearntFolder;
import org.dapt.run.RunDirectory;
import org.dapt.run.TaskArtifacts;
import org.dapt.tensor.NamedTensors;
import org.dapt.tensor.Tensors;

/**
 * Hands the blocks of a run out as adapters of Hugging Face PEFT. Needs no Spark session: blocks
 * are small.
 */
public final class Adapters {
  private final DaptConfig config;
  private final RunDirectory run;
  private final Configuration hadoop;

  public Adapters(DaptConfig config, RunDirectory run, Configuration hadoop) {
    this.config = config;
    this.run = run;
    this.hadoop = hadoop;
  }

  /**
   * Writes the block of a learnt task: {@code adapter_config.json}, {@code
   * adapter_model.safetensors}, {@code dapt.json} and, for methods with keys and a query network,
   * {@code dapt_attention.safetensors}.
   *
   * @param task a learnt task
   * @param output a folder that is empty or does not exist
   * @param baseModel what the adapter names as its base model; null for {@code model.path}
   * @throws ConfigException if the task is not learnt or the folder is not free
   */
  public void export(String task, String output, String baseModel) throws IOException {
    List<String> tasks = run.learnt();
    int position = tasks.indexOf(task) + 1;
    if (position == 0) {
      throw notLearnt(task, tasks);
    }
    Exportable.requireBlocks(method());
    OutputFolder folder = OutputFolder.free(hadoop, output);
    try (PointerScope scope = new PointerScope()) {
      LearntTask learnt = used().of(tasks, position);
      Map<String, Tensor> block =
          contents().block(learnt, position, () -> used().all(tasks.subList(0, position)));
      // What other methods keep beside a block, the model cannot be made of in another place.
      boolean selects =
          method().has(Trait.REFLECTS)
              && config.attention().selection() == AttentionSelection.ATTENTION;
      Sidecar.Attention attention =
          learnt.attention().isEmpty() || !selects
              ? null
              : new Sidecar.Attention(config.attention().temperature(), learnt.meanAttention());
      Map<String, byte[]> files =
          contents().of(block, contents().lora(), baseModel, "The block of task " + task);
      if (attention != null) {
        files.put(
            Sidecar.ATTENTION,
            NamedTensors.write(
                learnt.attention(),
                TaskArtifacts.Content.ATTENTION.metadata(task, config.method().name())));
      }
      files.put(
          Sidecar.FILE,
          sidecar(
                  Sidecar.BLOCK,
                  task,
                  config.template(task),
                  position,
                  learnt.sha256(),
                  tasks.subList(0, position - 1),
                  attention,
                  definition(task),
                  null)
              .bytes());
      folder.write(files);
    }
  }

  /**
   * Writes the mixture of all blocks for one input as a single adapter; where the method adds all
   * blocks, their sum, which is that for every input.
   *
   * @param input the input of an instance; may be null where all blocks are added
   * @param definition what stands at {@code {definition}} of the template; null for none
   * @param definitionOf the task whose definition is taken; null for none
   * @param output a folder that is empty or does not exist
   * @param baseModel what the adapter names as its base model; null for {@code model.path}
   * @return the weight of each task's block
   * @throws ConfigException if the template needs a definition and there is none, the method does
   *     not mix blocks, nothing is learnt, or the folder is not free
   */
  public List<Sidecar.Weight> mergeView(
      String input, String definition, String definitionOf, String output, String baseModel)
      throws IOException {
    List<String> tasks = run.learnt();
    if (tasks.isEmpty()) {
      throw new ConfigException(
          "There is nothing to mix: no task is learnt in %s. Learn one first."
              .formatted(run.root()));
    }
    Exportable.requireMixture(method(), input);
    OutputFolder folder = OutputFolder.free(hadoop, output);
    if (definitionOf != null && !tasks.contains(definitionOf)) {
      throw notLearnt(definitionOf, tasks);
    }
    boolean all = method().has(Trait.ADDS_BLOCKS);
    String text = all ? null : text(input, definition, definitionOf);
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      List<LearntTask> learnt;
      double[] weights;
      if (all) {
        learnt = used().all(tasks);
        weights = new double[tasks.size()];
        Arrays.fill(weights, 1);
      } else {
        Backbone backbone = Models.backbone(config.modelSource(), hadoop);
        learnt = TaskArtifacts.readAll(hadoop, LearntFolder.of(run, tasks), backbone.placement());
        weights = weights(backbone, learnt, text, config.template(definitionOf));
      }
      List<Sidecar.Weight> mixture = new ArrayList<>();
      for (int i = 0; i < weights.length; i++) {
        mixture.add(new Sidecar.Weight(tasks.get(i), weights[i]));
      }
      BlockMixture mixed =
          BlockMixture.of(
              method().block(),
              learnt.stream().map(LearntTask::block).toList(),
              weights,
              config.lora().scale());
      Map<String, byte[]> files =
          contents()
              .of(
                  mixed.block(),
                  contents().lora().with(mixed.scale()),
                  baseModel,
                  all ? "The sum of the blocks" : "The mixture of the blocks");
      String shown =
          definition == null && definitionOf != null ? definition(definitionOf) : definition;
      files.put(
          Sidecar.FILE,
          sidecar(
                  Sidecar.MIXTURE,
                  null,
                  config.template(definitionOf),
                  0,
                  null,
                  tasks,
                  null,
                  shown,
                  mixture)
              .bytes());
      folder.write(files);
      return mixture;
    }
  }

  private UsedTasks used() {
    return new UsedTasks(config, run, hadoop);
  }

  private AdapterContents contents() {
    return new AdapterContents(config, hadoop, method());
  }

  private Prompts prompts(String template) {
    return Prompts.of(template, config.model().path(), hadoop);
  }

  private ContinualMethod method() {
    return ContinualMethods.named(config.method().name());
  }

  private double[] weights(
      Backbone backbone, List<LearntTask> learnt, String text, String template) {
    int[] ids =
        prompts(template)
            .encode(
                Models.tokenizer(config.modelSource(), hadoop),
                text,
                config.tasks().maxSourceTokens())
            .ids();
    MethodContext context =
        new MethodContext(backbone, JobContext.methodOptions(config), config.run().seed());
    // The task is unknown: only methods that do not mix would look at its name.
    String newest = learnt.get(learnt.size() - 1).task();
    try (Predictor predictor = method().restore(context, learnt, newest)) {
      Source source = backbone.source(List.of(ids));
      return Tensors.toDoubles(predictor.attentionWeights(source));
    }
  }

  private String text(String input, String definition, String definitionOf) throws IOException {
    String template = config.template(definitionOf);
    String given = definition;
    if (definitionOf != null) {
      given = definition(definitionOf);
    }
    if (given == null && PromptTemplate.hasDefinition(template)) {
      throw new ConfigException(
          "tasks.template of this run has the place {definition}, and there is none: give"
              + " --instruction TEXT (which may be empty), or --task NAME for the definition of a"
              + " task of the run.");
    }
    return prompts(template).text(given == null ? "" : given, input);
  }

  private Sidecar sidecar(
      String kind,
      String task,
      String template,
      int position,
      String sha256,
      List<String> earlier,
      Sidecar.Attention attention,
      String definition,
      List<Sidecar.Weight> mixture) {
    return new Sidecar(
        Sidecar.FORMAT,
        "dapt " + Version.text(),
        kind,
        run.runId(),
        config.method().name(),
        run.identity().modelSha256(),
        run.identity().tokenizerSha256(),
        config.model().dtype().key(),
        config.lora().alpha(),
        config.lora().rslora(),
        task,
        position,
        sha256,
        used().earlier(earlier),
        attention,
        new Sidecar.Text(
            PromptTemplate.shown(template),
            definition,
            config.tasks().maxSourceTokens(),
            config.evaluate().maxNewTokens(),
            config.tasks().beginOfText(),
            config.evaluate().cleanUpSpaces()),
        mixture);
  }

  /** The definition of a prepared task; null where its data are no longer there. */
  private String definition(String task) throws IOException {
    Path data = run.data(task);
    return run.files().exists(data)
        ? PreparedTask.open(hadoop, data).manifest().definition()
        : null;
  }

  private ConfigException notLearnt(String task, List<String> tasks) {
    return new ConfigException(
        "Task %s is not learnt in %s; learnt are %s. Name one of these, or learn it first."
            .formatted(task, run.root(), tasks.isEmpty() ? "none" : String.join(", ", tasks)));
  }
}
