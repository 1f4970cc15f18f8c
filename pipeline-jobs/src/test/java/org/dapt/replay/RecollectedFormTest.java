package org.dapt.replay;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.dapt.method.ContinualMethods;
import org.dapt.method.Recollection;
import org.dapt.method.Sections;
import org.dapt.replay.PseudoSample.Verdict;
import org.dapt.tokenizer.TextTokenizer;
import org.dapt.tokenizer.TokenRules;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What becomes of texts that a method makes up, against the reference of LFPT5. */
class RecollectedFormTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Recollection LFPT5 =
      ContinualMethods.named("lfpt5").recollection(Sections.of(Map.of()));

  private static Stream<Path> folders() throws IOException {
    String named = System.getProperty("dapt.fixtures");
    Path root =
        named == null || named.isBlank()
            ? Path.of(System.getProperty("dapt.home"), "model-core/src/test/fixtures")
            : Path.of(named);
    try (Stream<Path> cases = Files.list(root.resolve("method-lfpt5"))) {
      List<Path> found =
          cases.filter(folder -> Files.exists(folder.resolve("samples.jsonl"))).toList();
      assertThat(found).isNotEmpty();
      return found.stream();
    }
  }

  @ParameterizedTest
  @MethodSource("folders")
  void whatIsAskedAndLearntIsThatOfTheReference(Path folder) throws IOException {
    for (JsonNode text : lines(folder.resolve("texts.jsonl"))) {
      assertThat(LFPT5.request(text.get("task").asText()))
          .isEqualTo(text.get("generator_input").asText());
      assertThat(
              LFPT5.text(
                  RecollectedForm.input("", text.get("input").asText()),
                  text.get("output").asText()))
          .isEqualTo(text.get("generator_target").asText());
    }
  }

  @ParameterizedTest
  @MethodSource("folders")
  void whatIsKeptIsThatOfTheReference(Path folder) throws IOException {
    for (JsonNode drawn : lines(folder.resolve("samples.jsonl"))) {
      Set<String> labels = new LinkedHashSet<>();
      drawn.get("labels").forEach(label -> labels.add(label.asText()));
      RecollectedForm form = new RecollectedForm(LFPT5, labels, false, false);
      SampleHarvest harvest = new SampleHarvest(drawn.get("texts").size(), form::parse, true);
      int index = 0;
      for (JsonNode text : drawn.get("texts")) {
        harvest.add(index++, 1, text.asText());
      }
      List<PseudoSample> expected = new ArrayList<>();
      for (JsonNode pair : drawn.get("kept")) {
        expected.add(new PseudoSample("", pair.get("input").asText(), pair.get("output").asText()));
      }
      assertThat(harvest.kept().values().stream().map(SampleHarvest.Kept::sample))
          .containsExactlyElementsOf(expected);
      assertThat(harvest.drawn())
          .isEqualTo(
              expected.size()
                  + harvest.malformed()
                  + harvest.empty()
                  + harvest.unlabelled()
                  + harvest.repeated());
    }
  }

  @ParameterizedTest
  @CsvSource({
    // the task has instructions of its own, its inputs may be blank
    "do this __inp__ with that __ans__ yes, true, false, GOOD",
    "with that __ans__ yes, true, false, MALFORMED",
    "with that __ans__ yes, false, false, GOOD",
    "do __inp__ this __inp__ with that __ans__ yes, true, false, MALFORMED",
    "do this __inp__ __ans__ yes, true, false, EMPTY",
    "do this __inp__ __ans__ yes, true, true, GOOD",
    "__inp__ with that __ans__ yes, true, true, EMPTY",
    "do this __inp__ with that __ans__ perhaps, true, false, NO_LABEL"
  })
  void anInstructionStandsInFrontOfItsInput(
      String text, boolean instructed, boolean blankInputs, Verdict verdict) {
    var form = new RecollectedForm(LFPT5, Set.of("yes", "no"), instructed, blankInputs);
    assertThat(form.parse(text).verdict()).isEqualTo(verdict);
  }

  @Test
  void whatIsLearntIsReadBack() {
    RecollectedForm form = new RecollectedForm(LFPT5, Set.of(), true, false);
    String text = LFPT5.text(RecollectedForm.input("Name it.", "A red lamp."), "red");
    assertThat(form.parse(text).sample())
        .isEqualTo(new PseudoSample("Name it.", "A red lamp.", "red"));
  }

  /** A long example loses the end of its input, and what makes an example of a text stays. */
  @ParameterizedTest
  @CsvSource({"false, 3, 40", "false, 60, 3", "true, 60, 3", "true, 3, 60", "true, 60, 60"})
  void whatIsTooLongIsLearntWithItsOutput(boolean instructed, int words, int inputWords) {
    int most = 40;
    try (TextTokenizer tokenizer = tokenizer()) {
      var texts = new RecollectedTexts(LFPT5, tokenizer, most);
      String instruction = instructed ? "name it now ".repeat(words / 3).strip() : "";
      String input = "a red lamp ".repeat(inputWords / 3).strip();
      String output = instructed ? "red" : "green tree ".repeat(words / 2).strip();
      assertThat(texts.isCut(instruction, input, output)).isTrue();
      int[] target = texts.of("it", 0, "task", instruction, input, output).target();
      assertThat(target).hasSizeBetween(most - 4, most).endsWith(1);

      RecollectedForm form = new RecollectedForm(LFPT5, Set.of(), instructed, false);
      PseudoSample learnt = form.parse(tokenizer.decode(target)).sample();
      assertThat(instruction).startsWith(learnt.instruction());
      assertThat(input).startsWith(learnt.input());
      assertThat(learnt.input()).hasSizeGreaterThan(5);
      assertThat(output).startsWith(learnt.output());
      assertThat(learnt.output()).hasSizeGreaterThanOrEqualTo(Math.min(60, output.length()));
    }
  }

  @Test
  void whatFitsIsLearntAsItIs() {
    try (TextTokenizer tokenizer = tokenizer()) {
      var texts = new RecollectedTexts(LFPT5, tokenizer, 40);
      assertThat(texts.isCut("", "a red lamp", "red")).isFalse();
      assertThat(texts.of("it", 0, "task", "", "a red lamp", "red").target())
          .isEqualTo(tokenizer.encodeTarget("a red lamp __ans__ red", 40, 1).ids());
    }
  }

  private static TextTokenizer tokenizer() {
    return TextTokenizer.load(
        Path.of(System.getProperty("dapt.home"), "models/base-tiny/tokenizer.json"),
        "tokenizer.json",
        new TokenRules(List.of(1), true, Integer.MAX_VALUE, 0));
  }

  private static List<JsonNode> lines(Path file) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      lines.add(JSON.readTree(line));
    }
    assertThat(lines).isNotEmpty();
    return lines;
  }
}
