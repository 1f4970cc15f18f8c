package org.dapt.sink;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.dapt.data.file.PlainFiles;

/**
 * Appends one JSON object a line to a file: {@code run_id}, {@code series}, {@code step}, {@code
 * value} (null where it is no finite number), {@code time}. Several runs may share it.
 */
final class JsonLinesSink implements MetricSink {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path file;
  private final Map<String, BitSet> held = new HashMap<>();
  private FSDataOutputStream out;
  private String runId;

  JsonLinesSink(String file) {
    this.file = new Path(file);
  }

  @Override
  public String name() {
    return "the JSON lines " + file;
  }

  @Override
  public void open(SinkRun run) throws IOException {
    close(false);
    runId = run.runId();
    held.clear();
    FileSystem files = PlainFiles.of(file, run.hadoop());
    files.mkdirs(file.getParent());
    try {
      cutTornLine(files);
      read(files);
      out = files.append(file);
    } catch (FileNotFoundException e) {
      out = files.create(file, false);
    }
  }

  /** What a killed process left behind the last line break. */
  private void cutTornLine(FileSystem files) throws IOException {
    long length = files.getFileStatus(file).getLen();
    long end = length;
    try (FSDataInputStream in = files.open(file)) {
      byte[] one = new byte[1];
      while (end > 0) {
        in.readFully(end - 1, one);
        if (one[0] == '\n') {
          break;
        }
        end--;
      }
    }
    if (end < length) {
      files.truncate(file, end);
    }
  }

  private void read(FileSystem files) throws IOException {
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(files.open(file), StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        JsonNode point = point(line);
        if (point.path("run_id").asText().equals(runId)) {
          held(point.path("series").asText()).set(point.path("step").asInt());
        }
      }
    }
  }

  /**
   * What is in a line; missing where it is none. Of several runs in one file one may be killed in
   * the middle of a line, and another goes on behind that.
   */
  private static JsonNode point(String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    }
  }

  @Override
  public BitSet held(String series) {
    return held.computeIfAbsent(series, any -> new BitSet());
  }

  @Override
  public void write(List<MetricPoint> points) throws IOException {
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    for (MetricPoint point : points) {
      ObjectNode object = JSON.createObjectNode();
      object.put("run_id", runId);
      object.put("series", point.series());
      object.put("step", point.step());
      // JSON has no numbers that are none.
      object.put("value", Double.isFinite(point.value()) ? (Double) point.value() : null);
      object.put("time", point.time().toString());
      lines.write(JSON.writeValueAsBytes(object));
      lines.write('\n');
    }
    SinkFile.write(out, lines.toByteArray());
  }

  @Override
  public void close(boolean succeeded) throws IOException {
    if (out != null) {
      out.close();
      out = null;
    }
  }
}
