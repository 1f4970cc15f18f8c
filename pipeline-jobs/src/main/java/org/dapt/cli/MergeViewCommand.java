package org.dapt.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.dapt.adapter.Sidecar;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dapt merge-view}. */
@Command(
    name = "merge-view",
    mixinStandardHelpOptions = true,
    description = "Writes the mixture for one input as an adapter of PEFT.",
    footer = {
      "",
      "Example:",
      "  dapt merge-view --run runs/mine --task colour --input 'A red lamp.' \\",
      "      --output adapters/lamp"
    })
final class MergeViewCommand implements Callable<Integer> {
  @Mixin private RunOptions run;

  @Option(
      names = "--input",
      paramLabel = "TEXT",
      description = {
        "The input of an instance, as in a task file.",
        "Methods that add all blocks (o-lora, inf-lora) need none."
      })
  private String input;

  @ArgGroup private Definition definition = new Definition();

  @Mixin private AdapterOptions adapter;

  @Mixin private TextFormat format;

  /** Where the definition in the model's text comes from. */
  private static final class Definition {
    @Option(
        names = "--instruction",
        paramLabel = "TEXT",
        description = "The instruction that stands in front of the input.")
    private String text;

    @Option(
        names = "--task",
        paramLabel = "TASK",
        description = "A learnt task whose definition is the instruction.")
    private String task;
  }

  @Override
  public Integer call() throws Exception {
    boolean json = format.isJson();
    List<Sidecar.Weight> mixture =
        run.application()
            .adapters()
            .mergeView(
                input, definition.text, definition.task, adapter.output(), adapter.baseModel());
    if (json) {
      Map<String, Object> printed = new LinkedHashMap<>();
      printed.put("format", "1");
      printed.put("output", adapter.output());
      printed.put("mixture", mixture);
      System.out.println(JsonMapper.builder().build().writeValueAsString(printed));
    } else {
      System.out.println("weight  block");
      for (Sidecar.Weight weight : mixture) {
        System.out.printf(Locale.ROOT, "%6.4f  %s%n", weight.weight(), weight.task());
      }
    }
    return 0;
  }
}
