package org.dapt.sink;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.dapt.data.file.AtomicFile;
import org.dapt.data.file.JsonFile;
import org.dapt.io.JsonObjects;
import org.mlflow.api.proto.Service.CreateRun;
import org.mlflow.api.proto.Service.Experiment;
import org.mlflow.api.proto.Service.Param;
import org.mlflow.api.proto.Service.Run;
import org.mlflow.api.proto.Service.RunTag;
import org.mlflow.tracking.MlflowClient;
import org.mlflow.tracking.MlflowHttpException;

/**
 * Which run of an MLflow server belongs to a run directory. The file {@value #FILE} of the run
 * directory keeps its id; where that is lost, the server is asked for the run with our tag.
 */
record MlflowRun(MlflowClient client, String server, String experiment) {
  static final String FILE = "mlflow.json";

  private static final String TAG = "dapt.run_id";
  private static final int NOT_FOUND = 404;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** The id of the run that an earlier command made; null if there is none on this server. */
  String find(SinkRun run) throws IOException {
    String stored = stored(run);
    if (stored != null && isActive(stored)) {
      return stored;
    }
    return client
        .searchRuns(
            List.of(experimentId()),
            "tags.`%s` = '%s'".formatted(TAG, run.runId().replace("'", "")),
            org.mlflow.api.proto.Service.ViewType.ACTIVE_ONLY,
            1)
        .getItems()
        .stream()
        .map(found -> found.getInfo().getRunId())
        .findFirst()
        .orElse(null);
  }

  /**
   * Begins a run on the server.
   *
   * @param tags besides that by which it is found again
   */
  String create(SinkRun run, List<RunTag> tags) {
    return client
        .createRun(
            CreateRun.newBuilder()
                .setExperimentId(experimentId())
                .setStartTime(System.currentTimeMillis())
                .addTags(RunTag.newBuilder().setKey(TAG).setValue(run.runId()))
                .addAllTags(tags)
                .build())
        .getRunId();
  }

  /** The keys of the parameters that the server has of a run. */
  Set<String> parameters(String id) {
    return client.getRun(id).getData().getParamsList().stream()
        .map(Param::getKey)
        .collect(Collectors.toSet());
  }

  /** Marks a run that was ended as going on. */
  void reopen(String id) {
    ObjectNode request = JSON.createObjectNode();
    request.put("run_id", id);
    request.put("status", "RUNNING");
    client.sendPost("runs/update", request.toString());
  }

  private boolean isActive(String id) {
    try {
      Run found = client.getRun(id);
      return found.getInfo().getLifecycleStage().equals("active");
    } catch (MlflowHttpException e) {
      if (e.getStatusCode() == NOT_FOUND) {
        return false;
      }
      throw e;
    }
  }

  private String experimentId() {
    return client
        .getExperimentByName(experiment)
        .map(Experiment::getExperimentId)
        .orElseGet(() -> client.createExperiment(experiment));
  }

  private String stored(SinkRun run) throws IOException {
    Path file = new Path(run.root(), FILE);
    FileSystem files = file.getFileSystem(run.hadoop());
    try {
      JsonNode json = JsonFile.read(files, file);
      String id = json.path("run_id").asText("");
      return id.isEmpty() || !json.path("server").asText("").equals(server) ? null : id;
    } catch (FileNotFoundException | JsonObjects.DamagedException e) {
      // The tag of the run on the server tells as well.
      return null;
    }
  }

  /** Keeps {@code id} in the run directory. */
  static void store(SinkRun run, String server, String id) throws IOException {
    Path file = new Path(run.root(), FILE);
    ObjectNode json = JSON.createObjectNode();
    json.put("server", server);
    json.put("run_id", id);
    AtomicFile.write(
        file.getFileSystem(run.hadoop()),
        file,
        JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json));
  }
}
