package org.dapt.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.dapt.error.ExitCode;
import org.dapt.fixture.Fixtures;
import org.dapt.tokenizer.TextTokenizer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Tokenizers whose file is broken: refused by name, and never the end of the process. */
class HostileTokenizerTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final List<String> TEXTS =
      List.of("", "a", "Is 7 odd? </s> <pad>\n\u0000\ud83d\ude00", "word ".repeat(300));
  private static final int PIECES = 300;

  @TempDir private static Path folder;

  @TestFactory
  Stream<DynamicTest> unigram() throws IOException {
    return BrokenInput.json(small(), 7, 30).map(HostileTokenizerTest::load);
  }

  private static DynamicTest load(BrokenInput input) {
    return Outcome.test(
        "tokenizer.json: " + input.name(),
        () -> {
          Path file = Files.write(folder.resolve("tokenizer.json"), input.content());
          Outcome.of(
              ExitCode.INPUT,
              file.toString(),
              () -> {
                try (TextTokenizer tokenizer = TextTokenizer.load(file)) {
                  for (String text : TEXTS) {
                    int[] ids = tokenizer.encode(text, 64).ids();
                    assertThat(tokenizer.decode(ids)).isNotNull();
                  }
                }
              });
        });
  }

  /**
   * The tokenizer of T5 with its first pieces only, so that what is broken is not always a piece.
   */
  private static byte[] small() throws IOException {
    ObjectNode whole = (ObjectNode) JSON.readTree(Files.readAllBytes(Fixtures.t5Tokenizer()));
    ArrayNode pieces = (ArrayNode) whole.path("model").path("vocab");
    while (pieces.size() > PIECES) {
      pieces.remove(pieces.size() - 1);
    }
    ArrayNode added = (ArrayNode) whole.path("added_tokens");
    while (added.size() > 3) {
      added.remove(added.size() - 1);
    }
    return JSON.writeValueAsBytes(whole);
  }
}
