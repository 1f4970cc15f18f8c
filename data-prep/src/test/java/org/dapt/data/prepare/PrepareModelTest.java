package org.dapt.data.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.dapt.data.TaskFolders.json;
import static org.dapt.data.TaskFolders.write;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.Recipe;
import org.dapt.data.shard.TokenisedExample;
import org.dapt.error.InputException;
import org.dapt.hostile.AddedToken;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What preparing makes of tokenizers that do not go with their model. */
class PrepareModelTest {
  private static final int END = 1;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static SparkSession spark;

  @TempDir private Path root;

  @BeforeAll
  static void start() {
    spark = TestSpark.start(2);
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @Test
  void sourcesEndAsTheModelExpectsWhateverTheTemplateSays() throws IOException {
    tasks(json(0, 4));
    ObjectNode closing = tokenizer();
    ObjectNode open = tokenizer().putNull("post_processor");
    for (ObjectNode template : List.of(closing, open)) {
      assertThat(sources("llama", template))
          .allSatisfy(source -> assertThat(source).doesNotContain(END));
      assertThat(sources("t5", template)).allSatisfy(source -> assertThat(source).endsWith(END));
    }
  }

  @Test
  void aTokenWithoutARowIsNamedWithItsInstance() throws IOException {
    tasks(json(0, 3).replace("The number is 2.", "The <padding> is 2."));
    ObjectNode tokenizer = tokenizer();
    int size = tokenizer.get("model").get("vocab").size();
    AddedToken.to(tokenizer, size, "<padding>", true);
    assertThatThrownBy(() -> prepare(model("t5", tokenizer, size), "super-ni"))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll(
            "t/train.json", "'n-2'", "'<padding>'", "id " + size, size + " rows");
    ObjectNode word = tokenizer();
    AddedToken.to(word, size, "number", false);
    assertThatThrownBy(() -> prepare(model("t5", word, size), "super-ni"))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll("'number'", "id " + size, size + " rows");
  }

  @Test
  void aTextWithoutTokensIsNamedWithItsInstance() throws IOException {
    tasks(json(0, 3).replace("The number is 1.", ""));
    Path llama = model("llama", tokenizer(), 32128);
    assertThatThrownBy(() -> prepare(llama, "{input}"))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll("t/train.json", "'n-1'", "no tokens", "tasks.template");
    // Where the end token alone is left, something is asked.
    prepare(model("t5", tokenizer(), 32128), "{input}");
  }

  private void tasks(String train) throws IOException {
    write(root.resolve("t/train.json"), train);
    write(root.resolve("t/dev.json"), json(10, 12));
    write(root.resolve("t/test.json"), json(20, 22));
  }

  private List<List<Integer>> sources(String type, ObjectNode tokenizer) throws IOException {
    Prepared prepared = prepare(model(type, tokenizer, 32128), "super-ni");
    return prepared.rows(Split.TRAIN).stream()
        .map(TokenisedExample::sourceIds)
        .map(ids -> java.util.Arrays.stream(ids).boxed().toList())
        .toList();
  }

  private Prepared prepare(Path model, String template) throws IOException {
    Path data = Files.createTempDirectory(root, "data");
    var recipe = new Recipe("super-ni", template, 512, 50, 2, 0.2, 42, true);
    new PrepareTask(spark, new PrepareSettings(root.toString(), model.toString(), recipe))
        .run("t", new org.apache.hadoop.fs.Path(data.toUri()));
    return new Prepared(data);
  }

  private static ObjectNode tokenizer() throws IOException {
    return (ObjectNode) JSON.readTree(TestSpark.modelFolder().resolve("tokenizer.json").toFile());
  }

  private Path model(String type, ObjectNode tokenizer, int rows) throws IOException {
    Path model = Files.createTempDirectory(root, type);
    JSON.writeValue(model.resolve("tokenizer.json").toFile(), tokenizer);
    Files.writeString(
        model.resolve("config.json"),
        "{\"model_type\": \"%s\", \"eos_token_id\": %d, \"vocab_size\": %d}"
            .formatted(type, END, rows));
    return model;
  }
}
