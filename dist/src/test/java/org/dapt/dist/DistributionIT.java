package org.dapt.dist;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packaged product, as a user unpacks it: in a folder with a blank in its name, run from
 * somewhere else.
 */
class DistributionIT {
  private static final Path BUILT = Path.of(System.getProperty("dapt.distribution"));
  private static final String VERSION = System.getProperty("dapt.version");
  private static final Path HOME = BUILT.resolveSibling("distribution test").resolve("dapt");

  @TempDir private Path elsewhere;

  @BeforeAll
  static void unpack() throws IOException {
    remove();
    try (Stream<Path> files = Files.walk(BUILT)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Path copy = HOME.resolve(BUILT.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else {
          Files.createLink(copy, file);
        }
      }
    }
  }

  @AfterAll
  static void remove() throws IOException {
    if (Files.exists(HOME)) {
      try (Stream<Path> files = Files.walk(HOME)) {
        for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  @Test
  void noJarIsThereTwiceAndSparkStandsAlone() throws IOException {
    List<String> own = jars(HOME.resolve("lib"));
    List<String> sparks = jars(HOME.resolve("lib/spark/jars"));
    Set<String> both = new HashSet<>(own);
    both.retainAll(sparks);
    assertThat(both).isEmpty();
    assertThat(own).contains("pipeline-jobs-" + VERSION + ".jar", "model-core-" + VERSION + ".jar");
    assertThat(sparks)
        .anyMatch(name -> name.startsWith("spark-core_2.12-"))
        .anyMatch(name -> name.startsWith("jackson-databind-"))
        .anyMatch(name -> name.startsWith("slf4j-api-"))
        .noneMatch(name -> name.contains("junit") || name.startsWith("pytorch"));
    // Deeplearning4j's Jackson is jackson-1..., in packages of its own.
    assertThat(own).noneMatch(name -> name.matches("(spark|jackson-[a-z]+)-.*"));
    assertThat(HOME.resolve("conf/log4j2.properties")).exists();
    assertThat(HOME.resolve("conf/spark/yarn.conf")).exists();
    assertThat(HOME.resolve("bin/gpu-discovery")).isExecutable();
    assertThat(HOME.resolve("bin/dapt-model")).isExecutable();
    assertThat(HOME.resolve("bin/dapt-data")).isExecutable();
    assertThat(HOME.resolve("conf/benchmarks/data.tsv")).exists();
    // Not the models that a developer has fetched.
    assertThat(HOME.resolve("models").toFile().list()).containsExactly("base-tiny");
    assertThat(HOME.resolve("airflow/dapt_stream.py")).exists();
    assertThat(own).anyMatch(name -> name.startsWith("mlflow-client-"));
    assertThat(HOME.resolve("LICENSE")).exists();
    assertThat(HOME.resolve("NOTICE")).exists();
  }

  @Test
  void deeplearning4jIsThereWithItsProfileOnly() throws IOException {
    List<String> own = jars(HOME.resolve("lib"));
    List<String> sparks = jars(HOME.resolve("lib/spark/jars"));
    assertThat(sparks)
        .noneMatch(
            name -> name.matches(".*(nd4j|dl4j|deeplearning4j|datavec).*|.*-1\\.0\\.0-M2.*"));
    List<String> found =
        own.stream()
            .filter(name -> name.matches("dl4j-.*|.*-1\\.0\\.0-M2.*|byteunits-.*"))
            .toList();
    if (Boolean.getBoolean("dapt.with.dl4j")) {
      assertThat(found)
          .hasSize(16)
          .contains("dl4j-" + VERSION + ".jar")
          .anyMatch(name -> name.startsWith("dl4j-spark_2.12-"))
          .anyMatch(name -> name.matches("nd4j-native-1\\.0\\.0-M2-linux-.*"));
    } else {
      assertThat(found).isEmpty();
      assertThat(own).noneMatch(name -> name.matches(".*(nd4j|dl4j|deeplearning4j).*"));
    }
  }

  @Test
  void bigDlIsThereWithItsProfileOnly() throws IOException {
    List<String> own = jars(HOME.resolve("lib"));
    List<String> all = new ArrayList<>(own);
    all.addAll(jars(HOME.resolve("lib/spark/jars")));
    List<String> found = all.stream().filter(name -> name.contains("bigdl")).sorted().toList();
    if (Boolean.getBoolean("dapt.with.bigdl")) {
      assertThat(found).hasSize(3);
      assertThat(found.get(0)).isEqualTo("bigdl-" + VERSION + ".jar");
      assertThat(found.get(1)).startsWith("bigdl-core-mkl-");
      assertThat(found.get(2)).startsWith("bigdl-dllib-slim_2.12-");
      // With dapt's own jars, which go to every executor.
      assertThat(own).containsAll(found);
    } else {
      assertThat(found).isEmpty();
      if (!Boolean.getBoolean("dapt.with.dl4j")) {
        assertThat(all).noneMatch(name -> name.startsWith("breeze"));
      }
    }
  }

  @Test
  void runsThroughASymbolicLinkFromAnyFolder() throws Exception {
    Path link = Files.createSymbolicLink(elsewhere.resolve("my dapt"), HOME.resolve("bin/dapt"));
    Ended ended = run(Map.of(), link.toString(), "--version");
    assertThat(ended.output()).contains("dapt " + VERSION);
    assertThat(ended.code()).isZero();
  }

  @Test
  void aWrongOptionIsAUsageError() throws Exception {
    assertThat(run(Map.of(), HOME.resolve("bin/dapt").toString(), "--no-such-option").code())
        .isEqualTo(2);
  }

  private Ended withJava(String content) throws Exception {
    script("java/bin/java", content);
    return run(
        Map.of("JAVA_HOME", elsewhere.resolve("java").toString()),
        HOME.resolve("bin/dapt").toString());
  }

  @Test
  void anotherJavaIsRefusedWithTheRemedy() throws Exception {
    Ended ended = withJava("echo 'openjdk version \"11.0.2\" 2019-01-15' >&2");
    assertThat(ended.output()).contains("is Java 11; Java 17 is needed", "JAVA_HOME");
    assertThat(ended.code()).isEqualTo(2);
  }

  @Test
  void aJavaThatDoesNotRunIsNamedWithWhatItSaid() throws Exception {
    Ended ended = withJava("echo 'Error: could not find libjava.so' >&2; exit 1");
    assertThat(ended.output())
        .contains("java/bin/java does not run: Error: could not find libjava.so", "JAVA_HOME");
    assertThat(ended.code()).isEqualTo(2);
  }

  @Test
  void submitsWithTheSparkThatComesAlong() throws Exception {
    Ended ended =
        run(
            Map.of("PATH", "/usr/bin:/bin"),
            HOME.resolve("bin/dapt-submit").toString(),
            "--driver-memory",
            "600m",
            "--",
            "--version");
    assertThat(ended.output()).contains("dapt " + VERSION);
    assertThat(ended.code()).isZero();
  }

  @Test
  void handsSparkSubmitItsOptionsTheJarsAndTheCommand() throws Exception {
    Path spark = script("spark/bin/spark-submit", "printf '%s\\n' \"$@\"").getParent().getParent();
    Ended ended =
        run(
            Map.of("SPARK_HOME", spark.toString()),
            HOME.resolve("bin/dapt-submit").toString(),
            "--master",
            "yarn",
            "--jars",
            "/opt/a.jar,/opt/b.jar",
            "--",
            "run",
            "--config",
            "/opt/my run.conf");
    assertThat(ended.code()).isZero();
    List<String> lines = ended.output().lines().toList();
    String jars = lines.get(lines.indexOf("--jars") + 1);
    assertThat(jars)
        .startsWith("/opt/a.jar,/opt/b.jar,")
        .contains("/lib/model-core-")
        .doesNotContain("/lib/pipeline-jobs");
    assertThat(lines.stream().filter("--jars"::equals)).hasSize(1);
    assertThat(lines.subList(lines.indexOf("--master"), lines.size()))
        .containsExactly(
            "--master",
            "yarn",
            HOME.resolve("lib/pipeline-jobs-" + VERSION + ".jar").toString(),
            "run",
            "--config",
            "/opt/my run.conf");
  }

  @Test
  void submittingNothingIsAUsageError() throws Exception {
    Ended ended = run(Map.of(), HOME.resolve("bin/dapt-submit").toString(), "--master", "yarn");
    assertThat(ended.output()).contains("expected -- and a dapt command");
    assertThat(ended.code()).isEqualTo(2);
  }

  /** Executors as processes of their own, which get every jar from the driver. */
  @Test
  void learnsTasksOnAClusterThroughSparkSubmit() throws Exception {
    Path config = elsewhere.resolve("run.conf");
    Files.writeString(
        config,
        """
        run.dir = run
        model.path = "%s"
        tasks { root = tasks, order = [colour, order], shards = 4, metric = exact-match }
        train { epochs = 1, global-batch = 8 }
        evaluate.max-new-tokens = 4
        """
            .formatted(HOME.resolve("models/base-tiny")));
    writeTask("colour", "The door is red.", "red", "The door is blue.", "blue");
    writeTask("order", "A door is red.", "door first", "A red door.", "colour first");
    String[] submit = {
      HOME.resolve("bin/dapt-submit").toString(),
      "--master",
      "local-cluster[2,1,1024]",
      "--conf",
      "spark.driver.host=127.0.0.1",
      "--conf",
      "spark.ui.enabled=false",
      "--",
      "run",
      "--config",
      config.toString()
    };
    Ended ended = run(Map.of("PATH", "/usr/bin:/bin"), submit);
    assertThat(ended.output())
        .contains("4 steps on 2 ranks", "exchange gloo", "after order", "AP", "BWT");
    assertThat(ended.code()).isZero();
    Ended again = run(Map.of("PATH", "/usr/bin:/bin"), submit);
    assertThat(again.output()).contains("is learnt already").contains("after order");
    assertThat(again.code()).isZero();
  }

  private record Ended(int code, String output) {}

  /** 32 training, 8 dev and 8 test examples of two kinds by turns. */
  private void writeTask(
      String name, String input, String answer, String otherInput, String otherAnswer)
      throws IOException {
    String instances =
        """
        {"input": "%s", "output": ["%s"]}, {"input": "%s", "output": ["%s"]}\
        """
            .formatted(input, answer, otherInput, otherAnswer);
    Path task = Files.createDirectories(elsewhere.resolve("tasks").resolve(name));
    for (var split : Map.of("train", 32, "dev", 8, "test", 8).entrySet()) {
      Files.writeString(
          task.resolve(split.getKey() + ".json"),
          """
          {"Definition": ["Name the %s."], "Instances": [%s]}\
          """
              .formatted(
                  name, String.join(", ", Collections.nCopies(split.getValue() / 2, instances))));
    }
  }

  private Ended run(Map<String, String> environment, String... command) throws Exception {
    Path output = elsewhere.resolve("output.txt");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(elsewhere.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().remove("SPARK_HOME");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(environment);
    int code = builder.start().waitFor();
    return new Ended(code, Files.readString(output, UTF_8));
  }

  private Path script(String name, String body) throws IOException {
    Path script = elsewhere.resolve(name);
    Files.createDirectories(script.getParent());
    Files.writeString(script, "#!/bin/sh\n" + body + "\n");
    return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static List<String> jars(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".jar"))
          .toList();
    }
  }
}
