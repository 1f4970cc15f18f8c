package org.dapt.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.util.Utils;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.dapt.error.InputException;
import org.dapt.fixture.Fixtures;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** T5's tokenizer against the ids and texts of the reference library. */
class TextTokenizerTest {
  private static final int END = 1;
  private static final int NO_CUT = Integer.MAX_VALUE;
  private static final String SENTENCE = "Rivers carry sand from the mountains to the sea.";

  private static TextTokenizer tokenizer;

  @BeforeAll
  static void load() {
    tokenizer = TextTokenizer.load(Fixtures.t5Tokenizer());
  }

  @AfterAll
  static void close() {
    tokenizer.close();
  }

  @Test
  void everyTextHasTheReferencesIds() {
    int most = Fixtures.json(golden("info.json")).get("max_length").intValue();
    for (JsonNode line : Fixtures.jsonLines(golden("encode.jsonl"))) {
      String text = line.get("text").textValue();
      EncodedText encoded = tokenizer.encode(text, most);
      assertThat(encoded.ids()).as("ids of «%s»", text).isEqualTo(ids(line));
      EncodedText whole = tokenizer.encode(text, NO_CUT);
      assertThat(whole.truncated()).isFalse();
      assertThat(encoded.fullLength()).isEqualTo(whole.ids().length);
      assertThat(encoded.truncated()).isEqualTo(whole.ids().length > most);
    }
  }

  @Test
  void everyIdSequenceHasTheReferencesText() {
    for (JsonNode line : Fixtures.jsonLines(golden("decode.jsonl"))) {
      assertThat(tokenizer.decode(ids(line)))
          .as("text of %s", line.get("ids"))
          .isEqualTo(line.get("text").textValue());
    }
  }

  @Test
  void aCutKeepsTheFirstIdsAndTheEndToken() {
    int[] whole = tokenizer.encode(SENTENCE, NO_CUT).ids();
    assertThat(whole[whole.length - 1]).isEqualTo(END);
    for (int most = 1; most <= whole.length + 1; most++) {
      EncodedText cut = tokenizer.encode(SENTENCE, most);
      int kept = Math.min(most, whole.length);
      int[] expected = Arrays.copyOf(whole, kept);
      expected[kept - 1] = END;
      assertThat(cut.ids()).isEqualTo(expected);
      assertThat(cut.fullLength()).isEqualTo(whole.length);
      assertThat(cut.truncated()).isEqualTo(most < whole.length);
    }
  }

  @Test
  void noRoomForTheEndTokenIsRefused() {
    assertThatThrownBy(() -> tokenizer.encode(SENTENCE, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("maxTokens is 0");
  }

  @Test
  void manyTextsAreEncodedInTheirOrder() {
    List<String> texts = List.of("one", "", SENTENCE);
    assertThat(encodeAll(tokenizer, texts, 5))
        .containsExactlyElementsOf(texts.stream().map(text -> tokenizer.encode(text, 5)).toList());
  }

  @Test
  void anUnknownIdLeavesNothingAndANegativeOneIsRefused() {
    int[] known = tokenizer.encode(SENTENCE, NO_CUT).ids();
    int[] more = Arrays.copyOf(known, known.length + 1);
    more[known.length] = 10_000_000;
    assertThat(tokenizer.decode(more)).isEqualTo(SENTENCE);
    assertThatThrownBy(() -> tokenizer.decode(new int[] {5, -100}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-100 at position 1");
  }

  @Test
  void truncationAndPaddingOfTheFileAreIgnored(@TempDir Path folder) throws IOException {
    String json = Files.readString(Fixtures.t5Tokenizer());
    String limited =
        json.replaceFirst(
                "\"truncation\":\\s*null",
                "\"truncation\":{\"direction\":\"Right\",\"max_length\":3,\"strategy\":\"LongestFirst\",\"stride\":0}")
            .replaceFirst(
                "\"padding\":\\s*null",
                "\"padding\":{\"strategy\":{\"Fixed\":64},\"direction\":\"Right\",\"pad_to_multiple_of\":null,"
                    + "\"pad_id\":0,\"pad_type_id\":0,\"pad_token\":\"<pad>\"}");
    assertThat(limited).contains("\"max_length\":3", "\"Fixed\":64");
    Files.writeString(folder.resolve("tokenizer.json"), limited);
    try (TextTokenizer other = TextTokenizer.load(folder)) {
      assertThat(other.encode(SENTENCE, NO_CUT)).isEqualTo(tokenizer.encode(SENTENCE, NO_CUT));
    }
  }

  @Test
  void theTokenOfUnknownCharactersIsKnown(@TempDir Path folder) throws Exception {
    int unknown = tokenizer.unknownToken().orElseThrow();
    assertThat(tokenizer.encode("偶", NO_CUT).ids()).contains(unknown);
    assertThat(tokenizer.encode(SENTENCE, NO_CUT).ids()).doesNotContain(unknown);
    // Other kinds of models name the token, not its id.
    Path file =
        Files.writeString(
            folder.resolve("tokenizer.json"),
            "{\"added_tokens\": [], \"model\": {\"type\": \"WordLevel\", \"unk_token\": \"[U]\","
                + " \"vocab\": {\"a\": 0, \"[U]\": 1}}, \"pre_tokenizer\": {\"type\":"
                + " \"WhitespaceSplit\"}}");
    try (TextTokenizer words = TextTokenizer.load(file)) {
      assertThat(words.unknownToken()).hasValue(1);
      assertThat(words.encode("a b", NO_CUT).ids()).containsExactly(0, 1);
    }
  }

  @Test
  void aFolderStandsForItsFileAndTheHashIsThatOfTheFile(@TempDir Path folder) throws Exception {
    Path file = Files.copy(Fixtures.t5Tokenizer(), folder.resolve("tokenizer.json"));
    try (TextTokenizer other = TextTokenizer.load(folder)) {
      assertThat(other.sha256()).isEqualTo(tokenizer.sha256()).matches("[0-9a-f]{64}");
    }
    Files.writeString(file, Files.readString(file) + "\n");
    try (TextTokenizer other = TextTokenizer.load(file)) {
      assertThat(other.sha256()).isNotEqualTo(tokenizer.sha256());
    }
  }

  @Test
  void threadsShareATokenizer() throws Exception {
    List<String> texts =
        Fixtures.jsonLines(golden("encode.jsonl")).stream()
            .map(line -> line.get("text").textValue())
            .toList();
    List<EncodedText> alone = encodeAll(tokenizer, texts, NO_CUT);
    for (List<EncodedText> encoded : inThreads(4, () -> encodeAll(tokenizer, texts, NO_CUT))) {
      assertThat(encoded).isEqualTo(alone);
    }
  }

  @Test
  void aClosedTokenizerRefusesEveryCallEvenWhileThreadsUseIt() throws Exception {
    TextTokenizer closing = TextTokenizer.load(Fixtures.t5Tokenizer());
    int[] expected = closing.encode(SENTENCE, NO_CUT).ids();
    List<String> ends =
        inThreads(
            4,
            () -> {
              try {
                for (int i = 0; ; i++) {
                  assertThat(closing.encode(SENTENCE, NO_CUT).ids()).isEqualTo(expected);
                  if (i == 100) {
                    closing.close();
                  }
                }
              } catch (IllegalStateException e) {
                return e.getMessage();
              }
            });
    assertThat(ends).containsOnly("the tokenizer is closed");
    assertThatThrownBy(() -> closing.decode(expected)).hasMessage("the tokenizer is closed");
    closing.close();
  }

  @Test
  void aMissingFileIsNamedWithWhatToDo(@TempDir Path folder) {
    Path missing = folder.resolve("tokenizer.json");
    for (Path place : List.of(folder, missing)) {
      assertThatThrownBy(() -> TextTokenizer.load(place))
          .isInstanceOf(InputException.class)
          .hasMessageContaining(missing.toString())
          .hasMessageContaining("does not exist")
          .hasMessageContaining("save_pretrained");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "[]", "{\"model\": {\"type\": \"Unknown\"}}", "null"})
  void aDamagedFileIsNamed(String content, @TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("tokenizer.json"), content);
    assertThatThrownBy(() -> TextTokenizer.load(file))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void aFileCutShortOrInAnotherEncodingIsNamed(@TempDir Path folder) throws IOException {
    byte[] whole = Files.readAllBytes(Fixtures.t5Tokenizer());
    Path cut = Files.write(folder.resolve("cut.json"), Arrays.copyOf(whole, whole.length / 2));
    Path wide =
        Files.write(
            folder.resolve("wide.json"),
            new String(whole, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_16LE));
    for (Path file : List.of(cut, wide)) {
      assertThatThrownBy(() -> TextTokenizer.load(file))
          .isInstanceOf(InputException.class)
          .hasMessageContaining(file.toString());
    }
  }

  @Test
  void theLibraryIsOffline() {
    assertThat(Utils.isOfflineMode()).isTrue();
  }

  private static <T> List<T> inThreads(int threads, Callable<T> body) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<T>> futures =
          pool.invokeAll(IntStream.range(0, threads).mapToObj(i -> body).toList());
      List<T> results = new ArrayList<>();
      for (Future<T> future : futures) {
        results.add(future.get());
      }
      return results;
    } finally {
      pool.shutdownNow();
    }
  }

  private static Path golden(String file) {
    return Fixtures.folder("t5-tokenizer").resolve(file);
  }

  private static int[] ids(JsonNode line) {
    int[] ids = new int[line.get("ids").size()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = line.get("ids").get(i).intValue();
    }
    return ids;
  }

  @Test
  void aPromptWithoutClosingTokensKeepsItsBeginningAndItsEndWhenItIsCut(@TempDir Path folder)
      throws IOException {
    ObjectNode open = (ObjectNode) Fixtures.json(Fixtures.t5Tokenizer());
    open.putNull("post_processor");
    Path file = Files.writeString(folder.resolve("tokenizer.json"), open.toString());
    try (TextTokenizer tokenizer = TextTokenizer.load(file)) {
      String text = "one two three four five six seven eight nine ten eleven twelve ".repeat(8);
      int[] whole = tokenizer.encode(text, 4096).ids();
      EncodedText cut = tokenizer.encode(text, 40);
      assertThat(cut.truncated()).isTrue();
      assertThat(cut.ids()).hasSize(40);
      assertThat(Arrays.copyOf(cut.ids(), 24)).isEqualTo(Arrays.copyOf(whole, 24));
      assertThat(Arrays.copyOfRange(cut.ids(), 24, 40))
          .isEqualTo(Arrays.copyOfRange(whole, whole.length - 16, whole.length));
      assertThat(tokenizer.encode(text, 1).ids()).hasSize(1);
    }
  }

  @Test
  void aTargetEndsWithTheGivenTokenEvenWhenItIsCut() {
    try (TextTokenizer tokenizer = TextTokenizer.load(Fixtures.t5Tokenizer())) {
      int[] whole = tokenizer.encodeTarget("one two three four", 64, 77).ids();
      int[] ofT5 = tokenizer.encode("one two three four", 64).ids();
      assertThat(whole).hasSameSizeAs(ofT5).endsWith(77);
      assertThat(Arrays.copyOf(whole, whole.length - 1))
          .isEqualTo(Arrays.copyOf(ofT5, ofT5.length - 1));
      EncodedText cut = tokenizer.encodeTarget("one two three four", 3, 77);
      assertThat(cut.ids()).containsExactly(whole[0], whole[1], 77);
      assertThat(cut.truncated()).isTrue();
      assertThat(tokenizer.encodeTarget("", 3, 77).ids()).containsExactly(77);
    }
  }

  private static List<EncodedText> encodeAll(
      TextTokenizer tokenizer, List<String> texts, int most) {
    return texts.stream().map(text -> tokenizer.encode(text, most)).toList();
  }
}
