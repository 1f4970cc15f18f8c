package org.dapt.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.dapt.data.reader.PromptTemplate;
import org.dapt.data.reader.Split;
import org.dapt.data.reader.TaskFolder;
import org.dapt.data.reader.TaskReader;
import org.dapt.error.ConfigException;
import org.dapt.method.Example;
import org.dapt.tokenizer.TextTokenizer;

/**
 * The first instances of a split as texts.
 *
 * @param prompts the rendered inputs
 * @param answers the first reference of each
 */
record TaskTexts(List<String> prompts, List<String> answers) {
  /**
   * Reads {@code split} of the task in {@code folder}.
   *
   * @param format name of the reader, and of the template
   * @param limit most instances; 0 takes all
   */
  static TaskTexts read(Path folder, String format, Split split, int limit) throws IOException {
    Path absolute = folder.toAbsolutePath().normalize();
    if (absolute.getParent() == null) {
      throw new ConfigException(
          folder + " is not a task folder: expected a folder with train.json.");
    }
    Configuration hadoop = new Configuration();
    TaskReader reader = TaskReader.named(format);
    PromptTemplate template = PromptTemplate.of(format);
    List<String> inputs = new ArrayList<>();
    List<String> answers = new ArrayList<>();
    String definition =
        TaskFolder.find(
                hadoop, absolute.getParent().toUri().toString(), absolute.getFileName().toString())
            .requiredFile(split)
            .read(
                hadoop,
                reader,
                (position, instance) -> {
                  if (limit == 0 || position < limit) {
                    inputs.add(instance.input());
                    answers.add(instance.references().get(0));
                  }
                });
    return new TaskTexts(
        inputs.stream().map(input -> template.render(definition, input)).toList(), answers);
  }

  /** The texts as token ids, cut to the given lengths. */
  List<Example> tokenised(TextTokenizer tokenizer, int maxSource, int maxTarget) {
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < prompts.size(); i++) {
      examples.add(
          new Example(
              "instance " + i,
              tokenizer.encode(prompts.get(i), maxSource).ids(),
              tokenizer.encode(answers.get(i), maxTarget).ids()));
    }
    return examples;
  }
}
