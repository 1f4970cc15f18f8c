package org.dapt.inspect;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.Type;
import org.dapt.data.shard.ShardSchema;
import org.dapt.error.InputException;
import org.dapt.io.SafetensorsFile;
import org.dapt.loop.Checkpoint;
import org.dapt.pet.LoraBlock;
import org.dapt.pet.PromptBlock;
import org.dapt.run.PredictionTable;
import org.dapt.run.PseudoTable;
import org.dapt.run.TaskArtifacts;
import org.dapt.run.TaskArtifacts.Content;
import org.dapt.run.TrainingTable;
import org.dapt.score.AttentionTable;
import org.dapt.score.ScoreTable;

/** Inspections of single files and of folders of tables. */
final class FileInspections {
  private FileInspections() {}

  /** A safetensors file. */
  static Inspection safetensors(Place file) {
    try (SafetensorsFile parsed = file.safetensors()) {
      Map<String, Object> facts = new LinkedHashMap<>();
      Map<String, String> metadata = parsed.metadata();
      metadata.forEach((key, value) -> facts.put(key, value));
      facts.put("bytes", file.bytes());
      TensorFacts tensors = new TensorFacts().add(parsed, "");
      tensors.into(facts);
      ChosenPrompts.into(facts, parsed);
      if (Checkpoint.isNamed(parsed.names())) {
        boolean whole = tensors.sha256().equals(metadata.get(Checkpoint.SHA256));
        facts.put("digest", whole ? "as written" : "DAMAGED: the content has another SHA-256");
      }
      return new Inspection(file.shown(), kind(parsed), facts);
    }
  }

  /** What the file says that it is; what its tensors tell where it says nothing. */
  private static String kind(SafetensorsFile file) {
    Set<String> names = file.names();
    Optional<Content> content = Content.of(file.metadata());
    if (content.isPresent()) {
      return content.get() == Content.BLOCK ? block(names) : attention(names);
    }
    if (Checkpoint.isNamed(names)) {
      return "Checkpoint of a training";
    }
    if (isAttention(names)) {
      return attention(names);
    }
    if (isPrompt(names) || isLora(names)) {
      return block(names);
    }
    if (names.stream().anyMatch(name -> name.startsWith("base_model.model."))
        || names.equals(Set.of("prompt_embeddings"))) {
      return "Weights of a PEFT adapter";
    }
    if (names.isEmpty()
        && TaskArtifacts.PRODUCER.equals(file.metadata().get(TaskArtifacts.PRODUCER_KEY))) {
      return attention(names);
    }
    return "Tensors (safetensors)";
  }

  private static String block(Set<String> names) {
    if (isPrompt(names)) {
      return "Block of a task (soft prompt)";
    }
    return isLora(names) ? "Block of a task (LoRA)" : "Block of a task";
  }

  private static String attention(Set<String> names) {
    if (names.isEmpty()) {
      return "Attention of a task (none: its method has no attention)";
    }
    return isAttention(names)
        ? "Attention of a task (key and query network)"
        : "Attention of a task (the method's own)";
  }

  private static boolean isAttention(Set<String> names) {
    return names.contains("key") && names.contains("query.down.weight");
  }

  private static boolean isPrompt(Set<String> names) {
    return names.equals(Set.of(PromptBlock.PROMPT));
  }

  private static boolean isLora(Set<String> names) {
    return !names.isEmpty() && names.stream().allMatch(FileInspections::isMatrix);
  }

  private static boolean isMatrix(String name) {
    return name.endsWith(LoraBlock.A) || name.endsWith(LoraBlock.B);
  }

  /** One Parquet file. */
  static Inspection parquet(Place file) {
    return table(file, List.of(file));
  }

  /**
   * A table of one or more Parquet files.
   *
   * @param whole the file or folder that is shown
   */
  static Inspection table(Place whole, List<Place> parts) {
    long rows = 0;
    long groups = 0;
    Set<String> columns = new TreeSet<>();
    for (Place part : parts) {
      try (ParquetFileReader reader =
          ParquetFileReader.open(HadoopInputFile.fromPath(part.path(), part.hadoop()))) {
        rows += reader.getRecordCount();
        groups += reader.getRowGroups().size();
        reader.getFileMetaData().getSchema().getFields().stream()
            .map(Type::getName)
            .forEach(columns::add);
      } catch (IOException | RuntimeException e) {
        // Parquet throws both for files that are none.
        throw new InputException(
            "%s is no Parquet file: %s. Write it again.".formatted(part.shown(), e.getMessage()),
            e);
      }
    }
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("rows", rows);
    facts.put("files", parts.size());
    facts.put("row_groups", groups);
    facts.put("bytes", parts.stream().mapToLong(Place::bytes).sum());
    facts.put("columns", String.join(", ", columns));
    return new Inspection(whole.shown(), tableKind(columns), facts);
  }

  private static String tableKind(Set<String> columns) {
    if (columns.containsAll(Set.of(ShardSchema.SOURCE_IDS, ShardSchema.TARGET_IDS))) {
      return "Shard of a prepared task";
    }
    if (columns.containsAll(Set.of(PredictionTable.PREDICTION, PredictionTable.ROUGE_L))) {
      return "Predictions";
    }
    if (TrainingTable.fits(columns)) {
      return "Losses of a training";
    }
    if (columns.containsAll(
        Set.of(ScoreTable.METRIC, ScoreTable.VALUE, ScoreTable.EVALUATED_TASK))) {
      return "Scores";
    }
    if (columns.contains(AttentionTable.MEAN_WEIGHT)) {
      return "Mean attention weights";
    }
    if (columns.containsAll(Set.of(PseudoTable.INSTRUCTION, PseudoTable.ATTEMPT))) {
      return "Pseudo samples";
    }
    return "Table (Parquet)";
  }
}
