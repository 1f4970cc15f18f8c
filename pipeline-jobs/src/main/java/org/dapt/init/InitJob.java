package org.dapt.init;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.dapt.config.ConfigLoader;
import org.dapt.config.DaptConfig;
import org.dapt.config.key.Choices;
import org.dapt.data.table.FieldNames;
import org.dapt.error.ConfigException;
import org.dapt.io.ModelFolder;
import org.dapt.job.MemoryEstimate;
import org.dapt.models.Models;

/** Writes the first configuration of a user. */
public final class InitJob {
  /** Name of the file. */
  public static final String FILE = "dapt.conf";

  /** Share of the machine's memory that a first run may take. */
  private static final double SHARE = 0.7;

  private final Configuration hadoop;

  public InitJob(Configuration hadoop) {
    this.hadoop = hadoop;
  }

  /**
   * What was written.
   *
   * @param file the configuration
   * @param format of the data
   * @param tasks names of the tasks
   * @param fields which fields of a row count; empty where the data have no rows
   * @param model its folder
   * @param chosen what was made of data and model, for people
   */
  public record Written(
      Path file, String format, List<String> tasks, String fields, String model, String chosen) {}

  /**
   * Looks at data and model and writes {@value #FILE} into {@code folder}.
   *
   * @param from the data
   * @param model folder of the model
   * @param stated names of fields by what they are
   * @throws ConfigException if there is such a file already, or it cannot be written
   * @throws org.dapt.error.InputException if the data or the model cannot be used
   */
  public Written run(Path folder, String from, String model, SortedMap<String, String> stated)
      throws IOException {
    Path file = folder.resolve(FILE);
    requireFree(file);
    Models.check(model, hadoop);
    DataSet data = DataSet.at(hadoop, from, FieldNames.of(stated));
    Survey survey = Survey.of(hadoop, data, model, stated);
    Proposal proposal = Proposal.of(hadoop, survey, model);
    try {
      Files.createDirectories(folder);
      Path temporary = Files.createTempFile(folder, "." + FILE, ".tmp");
      try {
        String text = fitting(temporary, data, model, survey, proposal);
        // Fails where somebody else was first.
        Files.writeString(file, text, StandardOpenOption.CREATE_NEW);
      } finally {
        Files.delete(temporary);
      }
    } catch (FileAlreadyExistsException e) {
      throw exists(file, e);
    } catch (java.nio.file.FileSystemException e) {
      throw new ConfigException(
          "%s cannot be written: %s. Name a folder that can.".formatted(file, e.getMessage()), e);
    }
    Set<FieldNames> fields = survey.byFields().keySet();
    return new Written(
        file,
        data.format(),
        data.tasks(),
        fields.size() > 1
            ? "that differ by task"
            : fields.stream().map(FieldNames::toString).collect(Collectors.joining()),
        model,
        chosen(survey, proposal));
  }

  private static String chosen(Survey survey, Proposal proposal) {
    return "metric %s, inputs of at most %d tokens (longer are %d of %d), answers of at most %d (longer are %d), %d epochs with %d examples a step%s"
        .formatted(
            Choices.text(survey.metric()),
            proposal.maxSourceTokens(),
            proposal.cutSources(),
            survey.sources().count(),
            proposal.maxTargetTokens(),
            proposal.cutTargets(),
            proposal.epochs(),
            proposal.globalBatch(),
            proposal.maxSteps() > 0
                ? ", at most %d steps a task".formatted(proposal.maxSteps())
                : "");
  }

  private static void requireFree(Path file) {
    if (Files.exists(file)) {
      throw exists(file, null);
    }
  }

  private static ConfigException exists(Path file, Exception cause) {
    return new ConfigException(
        "%s exists already, and is left as it is. Name another folder, or run it with dapt run --config."
            .formatted(file),
        cause);
  }

  /** The text with the largest micro-batches that the memory suffices for, else the smallest. */
  private String fitting(
      Path temporary, DataSet data, String model, Survey survey, Proposal proposal)
      throws IOException {
    String text = "";
    for (boolean again : new boolean[] {false, true}) {
      for (int tokens : Proposal.MICRO_BATCHES) {
        text = ConfigText.of(data, model, survey, proposal.with(tokens, again));
        Files.writeString(temporary, text);
        if (fits(ConfigLoader.load(temporary, List.of()))) {
          return text;
        }
      }
    }
    return text;
  }

  private boolean fits(DaptConfig config) {
    int slots = Runtime.getRuntime().availableProcessors();
    int ranks = config.tasks().shards();
    while (ranks > slots || config.tasks().shards() % ranks != 0) {
      ranks--;
    }
    try (ModelFolder folder = Models.open(config.model().path(), hadoop)) {
      long need = MemoryEstimate.of(folder, config, false).onProcessor().peak(ranks, slots);
      long physical =
          ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
              .getTotalMemorySize();
      return need + Runtime.getRuntime().maxMemory() <= SHARE * physical;
    }
  }
}
