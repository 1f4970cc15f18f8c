package org.dapt.sink;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is asked of an MLflow server, with the server's bounds; python-tests have a real one. */
class MlflowSinkTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int SETTINGS = 230;

  @TempDir Path folder;
  private HttpServer server;

  // What the server has, and whether it takes parameters.
  private final Map<String, String> params = new TreeMap<>();
  private final Map<String, String> tags = new TreeMap<>();
  private final List<String> metrics = new ArrayList<>();
  private boolean created;
  private int batches;
  private boolean takesParams = true;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void moreSettingsThanACallTakesAreSentInSeveral() throws IOException {
    MlflowSink sink = sink();
    sink.open(run());
    assertThat(params).hasSize(SETTINGS).containsEntry("key.7", "value 7");
    assertThat(tags).containsKeys("dapt.run_id", "mlflow.runName", "dapt.run_dir", "dapt.version");
    assertThat(batches).isEqualTo(3);
    // What the server has is not sent again: it refuses other values.
    sink.open(run());
    assertThat(batches).isEqualTo(3);
  }

  @Test
  void settingsThatAnEarlierCommandCouldNotSendAreSentByTheNext() throws IOException {
    takesParams = false;
    MlflowSink sink = sink();
    sink.open(run());
    sink.write(List.of(new MetricPoint("loss/01-a", 1, 2.5, Instant.EPOCH)));
    sink.close(true);
    assertThat(metrics).containsExactly("loss/01-a");
    assertThat(params).isEmpty();
    takesParams = true;
    sink.open(run());
    assertThat(params).hasSize(SETTINGS);
  }

  private MlflowSink sink() {
    return new MlflowSink("http://127.0.0.1:" + server.getAddress().getPort(), "dapt");
  }

  private SinkRun run() {
    Map<String, String> settings = new TreeMap<>();
    for (int i = 0; i < SETTINGS; i++) {
      settings.put("key." + i, "value " + i);
    }
    return new SinkRun(
        new Configuration(),
        new org.apache.hadoop.fs.Path(folder.toUri()),
        "4711",
        settings,
        Map.of(),
        "1");
  }

  private synchronized void answer(HttpExchange exchange) throws IOException {
    String call = exchange.getRequestURI().getPath().replaceFirst(".*/mlflow/", "");
    byte[] content = exchange.getRequestBody().readAllBytes();
    JsonNode asked = content.length == 0 ? JSON.createObjectNode() : JSON.readTree(content);
    ObjectNode said = JSON.createObjectNode();
    int code = 200;
    switch (call) {
      case "experiments/get-by-name" ->
          said.putObject("experiment").put("experiment_id", "1").put("name", "dapt");
      case "runs/search" -> {
        if (created) {
          found(said.putArray("runs").addObject());
        }
      }
      case "runs/create" -> {
        created = true;
        asked.get("tags").forEach(tag -> tags.put(text(tag, "key"), text(tag, "value")));
        found(said.putObject("run"));
      }
      case "runs/get" -> found(said.putObject("run"));
      case "runs/log-batch" -> {
        JsonNode sent = asked.path("params");
        if (sent.size() > 100
            || asked.path("tags").size() > 100
            || (!takesParams && !sent.isEmpty())) {
          code = 400;
          said.put("error_code", "INVALID_PARAMETER_VALUE");
        } else {
          batches++;
          sent.forEach(param -> params.put(text(param, "key"), text(param, "value")));
          asked.path("metrics").forEach(metric -> metrics.add(text(metric, "key")));
        }
      }
      default -> {}
    }
    byte[] answer = JSON.writeValueAsBytes(said);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(code, answer.length);
    exchange.getResponseBody().write(answer);
    exchange.close();
  }

  private void found(ObjectNode run) {
    run.putObject("info").put("run_id", "r1").put("lifecycle_stage", "active");
    ArrayNode stored = run.putObject("data").putArray("params");
    params.forEach((key, value) -> stored.addObject().put("key", key).put("value", value));
  }

  private static String text(JsonNode object, String key) {
    return object.get(key).textValue();
  }
}
