package org.dapt.peft;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.dapt.adapter.PeftFiles;
import org.dapt.adapter.PeftReader;
import org.dapt.adapter.Sidecar;
import org.dapt.backbone.Backbone;
import org.dapt.data.file.ReadableFile;
import org.dapt.error.ConfigException;
import org.dapt.error.InputException;
import org.dapt.io.SafetensorsFile;
import org.dapt.job.JobContext;
import org.dapt.method.ContinualMethod;
import org.dapt.method.ContinualMethods;
import org.dapt.method.Learner;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.Trait;
import org.dapt.models.Models;
import org.dapt.pet.PromptBlock;
import org.dapt.pet.PromptChain;
import org.dapt.run.TaskArtifacts;
import org.dapt.tensor.NamedTensors;
import org.dapt.tensor.Placement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes an adapter of PEFT as the block of a run's next task, in place of learning it. */
public final class ImportJob {
  private static final Logger LOG = LoggerFactory.getLogger(ImportJob.class);

  private final JobContext context;
  private final Path adapter;
  private final FileSystem files;

  /**
   * @param adapter a folder with an adapter of PEFT, maybe with dapt's files beside it
   */
  public ImportJob(JobContext context, String adapter) throws IOException {
    this.context = context;
    this.adapter = new Path(adapter);
    files = this.adapter.getFileSystem(context.hadoop());
  }

  /**
   * Imports the adapter as the block of the last of {@code tasks}, which is prepared; all others
   * are learnt already.
   *
   * @return what was kept
   * @throws InputException if the adapter does not fit the run
   */
  public TaskArtifacts.Packed read(List<String> tasks) throws IOException {
    String task = tasks.get(tasks.size() - 1);
    Backbone backbone = Models.backbone(context.model(), context.hadoop());
    Sidecar sidecar = sidecar();
    try (PointerScope scope = new PointerScope()) {
      MethodContext method =
          new MethodContext(backbone, context.methodOptions(), context.config().run().seed());
      ContinualMethod implementation = ContinualMethods.named(context.config().method().name());
      // What the method itself would begin the task with tells the form of what it keeps.
      List<LearntTask> earlier =
          TaskArtifacts.readAll(
              context.hadoop(), context.folders(tasks, tasks.size() - 1), backbone.placement());
      LearntTask initial = initial(implementation, method, earlier, task);
      Map<String, Tensor> block = block(implementation, method, earlier);
      ImportedAttention attention =
          new ImportedAttention(
              sidecar,
              adapter,
              tasks,
              earlier.stream().map(LearntTask::sha256).toList(),
              context.config().attention().temperature());
      LearntTask imported =
          attention.complete(
              new LearntTask(task, block, initial.attention(), List.of()),
              () -> tensors(new Path(adapter, Sidecar.ATTENTION), backbone.placement()));
      requireUsable(implementation, method, earlier, imported);
      return TaskArtifacts.pack(imported, context.config().method().name());
    }
  }

  /** Where the adapter lies. */
  public String origin() {
    return adapter.toString();
  }

  private static LearntTask initial(
      ContinualMethod implementation, MethodContext method, List<LearntTask> earlier, String task) {
    try (Learner learner = implementation.begin(method, earlier, task, List.of())) {
      return learner.learnt();
    }
  }

  private Map<String, Tensor> block(
      ContinualMethod implementation, MethodContext method, List<LearntTask> earlier)
      throws IOException {
    new AdapterFolder(files, adapter).requireWhole();
    Path configFile = new Path(adapter, PeftFiles.CONFIG);
    Path weightFile = new Path(adapter, PeftFiles.WEIGHTS);
    String taskType = AdapterContents.taskType(context.config(), context.hadoop());
    try (SafetensorsFile weights =
        SafetensorsFile.parse(bytes(weightFile), weightFile.toString())) {
      PeftReader reader =
          new PeftReader(
              PeftFiles.object(bytes(configFile), configFile.toString()),
              configFile.toString(),
              weights,
              taskType);
      Placement placement = method.backbone().placement();
      return switch (implementation.block()) {
        case LORA -> reader.lora(method.adapted(), context.config().lora().scale(), placement);
        case PROMPT ->
            implementation.has(Trait.CHAINS_BLOCKS)
                ? newest(reader, method, earlier)
                : reader.prompt(length(), 1, method.backbone().width(), placement);
        case GATED_LORA, OTHER ->
            throw new ConfigException(
                "The method %s has blocks of a kind of its own, which no adapter of PEFT holds. Import into a run of a method with LoRA blocks or soft prompts."
                    .formatted(implementation.name()));
      };
    }
  }

  private int length() {
    return context.config().prompt().length();
  }

  /** The task's own prompt out of an adapter that holds it in front of those of earlier tasks. */
  private Map<String, Tensor> newest(
      PeftReader reader, MethodContext method, List<LearntTask> earlier) {
    Tensor chain =
        reader
            .prompt(
                length(),
                earlier.size() + 1,
                method.backbone().width(),
                method.backbone().placement())
            .get(PromptBlock.PROMPT);
    List<Tensor> older = new ArrayList<>();
    earlier.forEach(task -> older.add(task.block().get(PromptBlock.PROMPT)));
    return new PromptBlock(PromptChain.newest(chain, older, adapter.toString())).tensors();
  }

  /** The adapter's sidecar, null where it has none. */
  private Sidecar sidecar() throws IOException {
    Path file = new Path(adapter, Sidecar.FILE);
    if (!files.exists(file)) {
      return null;
    }
    Sidecar sidecar = Sidecar.parse(bytes(file), file.toString());
    if (!sidecar.kind().equals(Sidecar.BLOCK)) {
      LOG.warn(
          "{} says that the adapter is a {}: it fits one input, not a task", file, sidecar.kind());
      return null;
    }
    if (!sidecar.modelSha256().equals(context.run().identity().modelSha256())) {
      throw new InputException(
          "%s was made for a base model with the SHA-256 %s, that of this run is %s. Import it into a run with the same model.path."
              .formatted(adapter, sidecar.modelSha256(), context.run().identity().modelSha256()));
    }
    return sidecar;
  }

  /** The method itself must be able to work with it. */
  private static void requireUsable(
      ContinualMethod implementation,
      MethodContext method,
      List<LearntTask> earlier,
      LearntTask imported) {
    List<LearntTask> all = new ArrayList<>(earlier);
    all.add(imported);
    implementation.restore(method, all, imported.task()).close();
  }

  private Map<String, Tensor> tensors(Path file, Placement placement) {
    try (SafetensorsFile parsed = SafetensorsFile.parse(bytes(file), file.toString())) {
      return NamedTensors.readReal(parsed, placement);
    }
  }

  private byte[] bytes(Path file) {
    try (var in = ReadableFile.open(files, file)) {
      return in.readAllBytes();
    } catch (FileNotFoundException e) {
      throw new InputException(
          "%s does not exist: expected a folder with %s and %s, as save_pretrained of PEFT writes it. Correct --adapter."
              .formatted(file, PeftFiles.CONFIG, PeftFiles.WEIGHTS),
          e);
    } catch (IOException e) {
      throw new InputException(
          "%s cannot be read: %s. Check the file and its permissions."
              .formatted(file, e.getMessage()),
          e);
    }
  }
}
