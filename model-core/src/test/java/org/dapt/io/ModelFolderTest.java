package org.dapt.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.dapt.error.InputException;
import org.dapt.fixture.Fixtures;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelFolderTest {
  private static final String INDEX = "model.safetensors.index.json";

  @TempDir Path folder;

  @Test
  void opensAModelInOneFile() {
    Path source = Fixtures.folder("t5-v10-tiny");
    try (ModelFolder model = ModelFolder.open(source);
        SafetensorsFile file = SafetensorsFile.open(source.resolve("model.safetensors"))) {
      assertThat(model.config().path("model_type").asText()).isEqualTo("t5");
      assertThat(model.names()).isEqualTo(file.names());
      assertThat(model.has("shared.weight")).isTrue();
      assertThat(model.has("shared.bias")).isFalse();
      assertThat(model.info("shared.weight").shape())
          .containsExactly(
              model.config().path("vocab_size").asLong(), model.config().path("d_model").asLong());
      assertThat(bytes(model, "shared.weight")).isEqualTo(file.data("shared.weight"));
      assertThatThrownBy(() -> bytes(model, "shared.bias"))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("shared.bias");
    }
  }

  @Test
  void opensEveryTensorOfAShardedModel() {
    Path source = Fixtures.folder("llama3-tiny");
    try (ModelFolder model = ModelFolder.open(source)) {
      Map<String, String> shards = new TreeMap<>();
      Fixtures.json(source.resolve(INDEX))
          .path("weight_map")
          .properties()
          .forEach(e -> shards.put(e.getKey(), e.getValue().asText()));
      assertThat(model.names()).isEqualTo(shards.keySet());
      shards.forEach(
          (tensor, shard) -> {
            try (SafetensorsFile file = SafetensorsFile.open(source.resolve(shard))) {
              assertThat(bytes(model, tensor)).isEqualTo(file.data(tensor));
            }
          });
    }
  }

  @Test
  void readsAConfigurationOfAnotherName() {
    Path source = Fixtures.folder("llama3-tiny");
    try (ModelFolder model = ModelFolder.open(source, "config.v4.json")) {
      assertThat(model.config()).isEqualTo(Fixtures.json(source.resolve("config.v4.json")));
    }
  }

  /** Run directories of all versions have it. */
  @Test
  void hashIsOfNamesLengthsAndBytes() throws IOException {
    write("config.json", "{}");
    String header = "{\"x\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]}}   ";
    ByteBuffer weights = ByteBuffer.allocate(67).order(ByteOrder.LITTLE_ENDIAN);
    weights.putLong(header.length()).put(header.getBytes(StandardCharsets.US_ASCII));
    Files.write(folder.resolve("model.safetensors"), weights.array());
    assertThat(hash())
        .isEqualTo("28777cbf91920eb54dfe268afa9ff4b74998e30e9b7c9939ab7f762df1366b8e");
  }

  @Test
  void hashChangesWithTheConfigurationAndTheWeightsOnly() throws IOException {
    complete();
    String before = hash();
    assertThat(before).matches("[0-9a-f]{64}").isEqualTo(hash());
    write("README.md", "not part of the model");
    assertThat(hash()).isEqualTo(before);
    write("config.json", "{ }");
    String other = hash();
    assertThat(other).isNotEqualTo(before);
    Files.write(folder.resolve("model.safetensors"), weights("other"));
    assertThat(hash()).isNotEqualTo(other).isNotEqualTo(before);
  }

  @Test
  void saysWhichPartIsMissing() throws IOException {
    refused(folder.resolve("gone"), "gone does not exist");
    refused(Files.createFile(folder.resolve("file")), "file is not a folder");
    refused(folder, "config.json does not exist");
    write("config.json", "{}");
    refused(folder, "no weights that are read");
    write("pytorch_model.bin", "PK");
    refused(folder, "save_pretrained(folder, safe_serialization=True)");
    Files.write(folder.resolve("model.safetensors"), weights("x"));
    ModelFolder.open(folder).close();
    Files.write(folder.resolve("model.safetensors"), new byte[3]);
    refused(folder, "model.safetensors is not a valid safetensors file");
  }

  @Test
  void saysHowAGgufFileBecomesAFolder() throws IOException {
    write("model-Q4_K_M.gguf", "GGUF");
    Path file = folder.resolve("model-Q4_K_M.gguf");
    String advice = "dapt convert --gguf " + file + " --output FOLDER";
    refused(file, advice);
    refused(folder, advice);
    write("config.json", "{}");
    refused(folder, advice);
    Files.write(folder.resolve("model.safetensors"), weights("x"));
    ModelFolder.open(folder).close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "[1]", "\"text\"", "{} {}", "{\"a\": nul}"})
  void refusesAConfigurationThatIsNotAnObject(String text) throws IOException {
    complete();
    write("config.json", text);
    refused(folder, "config.json");
  }

  @Test
  void refusesAConfigurationThatIsNotUtf8() throws IOException {
    complete();
    Files.write(
        folder.resolve("config.json"), new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'});
    refused(folder, "config.json is not valid JSON");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../w.safetensors",
        "/etc/passwd",
        "a/b",
        "..",
        ".",
        "",
        "c:w",
        "a\\\\b",
        "a\\u0000b"
      })
  void refusesAShardOutsideTheFolder(String shard) throws IOException {
    write("config.json", "{}");
    Files.write(folder.resolveSibling("w.safetensors"), weights("x"));
    write(INDEX, "{\"weight_map\": {\"x\": \"" + shard + "\"}}");
    refused(folder, "expected the name of a file in the same folder");
  }

  @Test
  void refusesAnIndexThatDoesNotFitItsShards() throws IOException {
    write("config.json", "{}");
    write(INDEX, "{\"weight_map\": {\"x\": \"one.safetensors\"}}");
    refused(folder, "one.safetensors does not exist");
    Files.write(folder.resolve("one.safetensors"), weights("y"));
    refused(folder, "one.safetensors lacks the tensor \"x\"");
    write(INDEX, "{\"weight_map\": {\"x\": 1}}");
    refused(folder, "maps the tensor \"x\" to 1");
    write(INDEX, "{\"weight_map\": {}}");
    refused(folder, "no weight_map");
    write(INDEX, "{}");
    refused(folder, "no weight_map");
    write(INDEX, "not JSON");
    refused(folder, INDEX + " is not valid JSON");
  }

  private static void refused(Path path, String message) {
    assertThatThrownBy(() -> ModelFolder.open(path))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(message)
        .hasMessageContaining(path.toString());
  }

  private String hash() {
    try (ModelFolder model = ModelFolder.open(folder)) {
      return model.sha256();
    }
  }

  private void complete() throws IOException {
    write("config.json", "{}");
    Files.write(folder.resolve("model.safetensors"), weights("x"));
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
  }

  private static byte[] weights(String tensor) {
    return new SafetensorsWriter()
        .add(tensor, Dtype.U8, new long[] {3}, ByteBuffer.allocate(3))
        .toBytes();
  }

  private static ByteBuffer bytes(ModelFolder model, String tensor) {
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(model.info(tensor).bytes()));
    model.read(tensor, 0, bytes);
    return bytes.flip();
  }
}
