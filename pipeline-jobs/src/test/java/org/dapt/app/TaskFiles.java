package org.dapt.app;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.dapt.random.KeyedRandom;

/** Small made-up tasks with short inputs, each with label words of its own. */
public final class TaskFiles {
  private static final List<String> NOUNS =
      List.of("lamp", "river", "horse", "door", "cloud", "stone", "violin", "bread");
  private static final List<String> COLOURS = List.of("red", "blue", "green", "yellow");

  private static final Map<String, List<String>> LABELS =
      Map.of(
          "colour", COLOURS,
          "order", List.of("noun first", "colour first"),
          "length", List.of("short", "long"));

  private TaskFiles() {}

  /**
   * Writes {@code task}, one of colour, order and length, with dev and test of a quarter of train's
   * size.
   */
  public static void write(Path root, String task, int train) throws IOException {
    Path folder = Files.createDirectories(root.resolve(task));
    write(folder.resolve("train.json"), task, "train", train);
    write(folder.resolve("dev.json"), task, "dev", train / 4);
    write(folder.resolve("test.json"), task, "test", train / 4);
  }

  private static void write(Path file, String task, String split, int instances)
      throws IOException {
    RandomGenerator random = KeyedRandom.of(1, task, split);
    List<Map<String, Object>> list = new ArrayList<>();
    for (int i = 0; i < instances; i++) {
      int label = random.nextInt(LABELS.get(task).size());
      list.add(
          Map.of(
              "id", task + "-" + split + "-" + i,
              "input", input(task, label, i, random),
              "output", List.of(LABELS.get(task).get(label))));
    }
    Files.write(
        file,
        JsonMapper.builder()
            .build()
            .writeValueAsBytes(
                Map.of("Definition", List.of("Answer about " + task + "."), "Instances", list)));
  }

  private static String input(String task, int label, int number, RandomGenerator random) {
    String noun = NOUNS.get(random.nextInt(NOUNS.size()));
    String colour = COLOURS.get(task.equals("colour") ? label : random.nextInt(COLOURS.size()));
    String text =
        switch (task) {
          case "order" -> label == 0 ? noun + " is " + colour : colour + " is the " + noun;
          case "length" -> label == 0 ? noun : noun + " and " + colour + " and again " + noun;
          default -> "the " + noun + " is " + colour;
        };
    return text + " " + number;
  }
}
