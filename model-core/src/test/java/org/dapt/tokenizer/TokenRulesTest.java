package org.dapt.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.dapt.error.InputException;
import org.dapt.fixture.Fixtures;
import org.dapt.hostile.AddedToken;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a model asks of its texts, against what the template of its tokenizer says. */
class TokenRulesTest {
  private static final int END = 1;
  private static final int ROWS = 32128;
  private static final String TEXT = "Is seven odd or even?";
  private static final TokenRules DECODER = new TokenRules(List.of(END), false, ROWS, 512);
  private static final TokenRules ENCODER = new TokenRules(List.of(END), true, ROWS, 0);

  @TempDir private Path folder;

  @Test
  void theModelDecidesWhetherASourceEnds() throws IOException {
    Path closing = file(json -> {});
    Path open = file(json -> json.putNull("post_processor"));
    int[] bare = encode(open, DECODER);
    int[] ended = Arrays.copyOf(bare, bare.length + 1);
    ended[bare.length] = END;
    assertThat(encode(closing, DECODER)).isEqualTo(bare).doesNotContain(END);
    assertThat(encode(open, ENCODER)).isEqualTo(ended);
    assertThat(encode(closing, ENCODER)).isEqualTo(ended);
  }

  @Test
  void whatEndsATurnAloneEndsNoOtherTarget() throws IOException {
    int turn = 32099;
    String written = "<extra_id_0>";
    Path closing = file(json -> {});
    try (TextTokenizer plain = load(closing, DECODER);
        TextTokenizer chat = load(closing, DECODER.endingTurns(List.of(END, turn)))) {
      assertThat(plain.endIn(written)).isEqualTo(END);
      assertThat(chat.endIn(written)).isEqualTo(turn);
      assertThat(chat.endIn("")).isEqualTo(END);
      assertThat(chat.rules().targetEnd()).isEqualTo(END);
      assertThat(chat.rules().beginning(false).ends(turn)).isTrue();
      assertThat(chat.encode(TEXT, 99).ids()).isEqualTo(plain.encode(TEXT, 99).ids());
    }
  }

  @Test
  void aBeginningStays() throws IOException {
    Path both =
        file(
            json -> {
              ObjectNode template = (ObjectNode) json.get("post_processor");
              ArrayNode single = (ArrayNode) template.get("single");
              single.insert(0, single.get(1).deepCopy());
            });
    int[] ids = encode(both, DECODER);
    assertThat(ids[0]).isEqualTo(END);
    assertThat(ids[ids.length - 1]).isNotEqualTo(END);
  }

  @Test
  void aBeginningIsLeftOutWhereItIsNotWanted() throws IOException {
    Path both =
        file(
            json -> {
              ArrayNode single = (ArrayNode) json.get("post_processor").get("single");
              single.insert(0, single.get(1).deepCopy());
            });
    for (TokenRules rules : List.of(DECODER, ENCODER)) {
      int[] whole = encode(both, rules);
      int[] without = encode(both, rules.beginning(false));
      assertThat(whole[0]).isEqualTo(END);
      assertThat(without).isEqualTo(Arrays.copyOfRange(whole, 1, whole.length));
    }
    // A template that puts nothing in front has nothing to leave out.
    Path closing = file(json -> {});
    assertThat(encode(closing, ENCODER.beginning(false))).isEqualTo(encode(closing, ENCODER));
    String text = "one two three four five six seven eight nine ten eleven twelve ".repeat(8);
    try (TextTokenizer tokenizer = load(both, DECODER.beginning(false))) {
      int[] whole = tokenizer.encode(text, 4096).ids();
      EncodedText cut = tokenizer.encode(text, 40);
      assertThat(cut.fullLength()).isEqualTo(whole.length);
      assertThat(Arrays.copyOf(cut.ids(), 24)).isEqualTo(Arrays.copyOf(whole, 24));
      assertThat(Arrays.copyOfRange(cut.ids(), 24, 40))
          .isEqualTo(Arrays.copyOfRange(whole, whole.length - 16, whole.length));
      assertThat(tokenizer.encode("", 4).ids()).isEmpty();
    }
  }

  @Test
  void cuttingKeepsTheEndThatTheModelExpects() throws IOException {
    String text = "one two three four five six seven eight nine ten eleven twelve ".repeat(8);
    try (TextTokenizer closing = load(file(json -> {}), DECODER);
        TextTokenizer open = load(file(json -> json.putNull("post_processor")), ENCODER)) {
      int[] whole = closing.encode(text, 4096).ids();
      EncodedText cut = closing.encode(text, 40);
      assertThat(cut.fullLength()).isEqualTo(whole.length);
      assertThat(Arrays.copyOfRange(cut.ids(), 24, 40))
          .isEqualTo(Arrays.copyOfRange(whole, whole.length - 16, whole.length));
      int[] ended = open.encode(text, 40).ids();
      assertThat(ended).hasSize(40).endsWith(END);
      assertThat(Arrays.copyOf(ended, 39)).isEqualTo(Arrays.copyOf(whole, 39));
      assertThat(open.encode(text, 1).ids()).containsExactly(END);
    }
  }

  @Test
  void aWordBeyondTheEmbeddingIsRefusedAtOnce() throws IOException {
    Path word = file(json -> add(json, ROWS, "number", false));
    assertThatThrownBy(() -> load(word, ENCODER))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll("'number'", "id " + ROWS, ROWS + " rows", word.toString());
    Path small = file(json -> {});
    assertThatThrownBy(() -> load(small, new TokenRules(List.of(END), true, 100, 0)))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll("the id 100", "100 rows");
  }

  @Test
  void aSpecialTokenBeyondItIsRefusedWhereATextWritesItOut() throws IOException {
    try (TextTokenizer tokenizer =
        load(file(json -> add(json, ROWS, "<padding>", true)), ENCODER)) {
      assertThat(tokenizer.encode(TEXT, 64).ids()).endsWith(END);
      assertThatThrownBy(() -> tokenizer.encode("a <padding> b", 64))
          .isInstanceOf(InputException.class)
          .hasMessageContainingAll("'<padding>'", "id " + ROWS);
      assertThatThrownBy(() -> tokenizer.encodeTarget("<padding>", 64, END))
          .isInstanceOf(InputException.class);
    }
  }

  @Test
  void aPointerOfGitLfsIsNamed() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("tokenizer.json"),
            "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 9085657\n");
    assertThatThrownBy(() -> load(file, ENCODER))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("git lfs pull");
  }

  private static void add(ObjectNode json, int id, String content, boolean special) {
    AddedToken.to(json, id, content, special);
    // The library counts on from the vocabulary, whatever number an added token has.
    ArrayNode vocabulary = (ArrayNode) json.get("model").get("vocab");
    while (vocabulary.size() < id) {
      vocabulary.addArray().add("<filler-" + vocabulary.size() + ">").add(-99.0);
    }
  }

  private Path file(Consumer<ObjectNode> change) throws IOException {
    ObjectNode json = (ObjectNode) Fixtures.json(Fixtures.t5Tokenizer());
    change.accept(json);
    return Files.writeString(Files.createTempFile(folder, "tokenizer", ".json"), json.toString());
  }

  private static TextTokenizer load(Path file, TokenRules rules) {
    return TextTokenizer.load(file, file.toString(), rules);
  }

  private static int[] encode(Path file, TokenRules rules) {
    try (TextTokenizer tokenizer = load(file, rules)) {
      return tokenizer.encode(TEXT, 64).ids();
    }
  }
}
