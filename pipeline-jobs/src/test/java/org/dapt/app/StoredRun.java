package org.dapt.app;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.dapt.models.Models;

/** The run directory of an earlier version, brought to this machine. */
public final class StoredRun {
  /** What version 0.1.0 left out of its hash. */
  private static final List<String> LEFT_OUT =
      List.of(
          "run.dir",
          "tasks.order",
          "train.ranks",
          "train.verify-frozen",
          "train.exchange",
          "evaluate.overlap",
          "evaluate.single-task-run",
          "evaluate.unseen",
          "checkpoint.",
          "metrics.",
          "spark");

  private StoredRun() {}

  /** Writes the run of {@code version} to {@code folder/run}, and its tasks and one more. */
  public static Path write(Path folder, String version) throws IOException {
    Path tasks = folder.resolve("tasks");
    for (String task : List.of("order", "length", "colour")) {
      TaskFiles.write(tasks, task, 16);
    }
    Path run = folder.resolve("run");
    Map<String, String> places =
        Map.of("{run}", run.toString(), "{model}", "" + TestRun.MODEL, "{tasks}", "" + tasks);
    Path stored = resource("stored-run/" + version);
    String config = filled(stored.resolve("config.conf"), places);
    Map<String, String> all = new TreeMap<>(places);
    all.put("{hash}", hash(ConfigFactory.parseString(config)));
    all.put("{model_sha256}", Models.sha256(TestRun.MODEL.toString(), new Configuration(false)));
    try (Stream<Path> files = Files.walk(stored)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = run.resolve(stored.relativize(file).toString());
        Files.createDirectories(copy.getParent());
        if (file.toString().matches(".*(\\.conf|\\.json|_DONE)")) {
          Files.writeString(copy, filled(file, all));
        } else {
          Files.copy(file, copy);
        }
      }
    }
    return run;
  }

  private static Path resource(String name) {
    try {
      return Path.of(StoredRun.class.getClassLoader().getResource(name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String filled(Path file, Map<String, String> places) throws IOException {
    String text = Files.readString(file);
    for (Map.Entry<String, String> place : places.entrySet()) {
      text = text.replace(place.getKey(), place.getValue());
    }
    return text;
  }

  /** The hash as version 0.1.0 made it, stated once more: whatever is changed, it must come out. */
  private static String hash(Config config) {
    StringBuilder lines = new StringBuilder();
    append(lines, "", config.root());
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256")
                  .digest(lines.toString().getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void append(StringBuilder lines, String prefix, ConfigObject section) {
    new TreeMap<>(section)
        .forEach(
            (name, value) -> {
              String key = prefix + ConfigUtil.joinPath(name);
              if (LEFT_OUT.stream().anyMatch(key::startsWith)) {
                return;
              }
              if (value instanceof ConfigObject inner) {
                append(lines, key + ".", inner);
              } else {
                lines.append(key).append('=').append(canonical(value)).append('\n');
              }
            });
  }

  private static String canonical(ConfigValue value) {
    return value.valueType() == ConfigValueType.NUMBER
        ? new BigDecimal(value.unwrapped().toString()).stripTrailingZeros().toString()
        : value.render(ConfigRenderOptions.concise());
  }
}
