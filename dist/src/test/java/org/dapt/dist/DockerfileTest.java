package org.dapt.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The image is built from what is in the sources, with the versions that the sources name. */
class DockerfileTest {
  private static final Path HOME = Path.of(System.getProperty("dapt.home"));
  private static final Pattern ARGUMENT = Pattern.compile("(?m)^ARG (\\w+)=(\\S+)$");
  private static final Pattern STAGE = Pattern.compile("(?m)^FROM (\\S+)(?: AS (\\w+))?$");
  private static final Pattern COPIED = Pattern.compile("(?m)^COPY (?!--)(.+) \\S+$");

  private String dockerfile;
  private Map<String, String> arguments;

  @BeforeEach
  void read() throws IOException {
    // Lines that go on are one.
    dockerfile = Files.readString(HOME.resolve("dist/docker/Dockerfile")).replace("\\\n", " ");
    arguments = new TreeMap<>();
    ARGUMENT
        .matcher(dockerfile)
        .results()
        .forEach(found -> arguments.put(found.group(1), found.group(2)));
  }

  @Test
  void whatIsCopiedExistsAndIsSentToTheBuilder() throws IOException {
    List<String> sent =
        Files.readAllLines(HOME.resolve("dist/docker/Dockerfile.dockerignore")).stream()
            .filter(line -> line.startsWith("!"))
            .map(line -> line.substring(1))
            .toList();
    // Models that dapt-model or a user has put beside it are gigabytes.
    assertThat(sent).contains("models/base-tiny");
    assertThat(copied())
        .containsExactlyInAnyOrderElementsOf(
            sent.stream().map(path -> path.replaceFirst("/.*", "")).toList());
    assertThat(sent).allSatisfy(path -> assertThat(HOME.resolve(path)).exists());
    assertThat(copied()).allSatisfy(path -> assertThat(HOME.resolve(path)).exists());
  }

  @Test
  void everyModuleIsCopied() throws IOException {
    assertThat(copied()).containsAll(all("<module>(.+)</module>", read("pom.xml")));
    // What the product is assembled of lies beside the modules.
    assertThat(copied())
        .containsAll(
            all(
                "maven.multiModuleProjectDirectory\\}/([\\w-]+)",
                read("dist/src/assembly/content.xml")));
    assertThat(copied())
        .containsAll(
            all("<include>(\\w+\\.?\\w*)</include>", read("dist/src/assembly/content.xml")));
  }

  @Test
  void basesHaveTheVersionsOfThePom() throws IOException {
    String pom = read("pom.xml");
    assertThat(arguments.get("SPARK_IMAGE"))
        .isEqualTo("apache/spark:" + property("spark.version", pom) + "-scala2.12-java17-ubuntu");
    // 13.3 of 13.3-9.25-1.5.14: CUDA, cuDNN, JavaCPP.
    String[] cuda = property("cuda.version", pom).split("-", -1);
    assertThat(arguments.get("CUDA_IMAGE")).startsWith("nvidia/cuda:" + cuda[0] + ".");
    assertThat(arguments.get("CUDA_IMAGE")).contains("-cudnn-runtime-ubuntu");
    assertThat(cuda[1]).startsWith("9.");
    assertThat(arguments.get("MAVEN_IMAGE")).endsWith("-eclipse-temurin-17");
    assertThat(read("submit-scripts/airflow/spark-application.yaml"))
        .contains("sparkVersion: \"" + property("spark.version", pom) + "\"");
  }

  @Test
  void bothVariantsAreStagesAndThatForGpusIsAProfile() throws IOException {
    List<String> stages =
        STAGE.matcher(dockerfile).results().map(found -> String.valueOf(found.group(2))).toList();
    assertThat(stages).contains("cpu", "gpu");
    assertThat(arguments).containsEntry("VARIANT", "cpu");
    assertThat(dockerfile).contains("profile=(-Pgpu)");
    assertThat(read("dist/pom.xml")).contains("<id>gpu</id>");
    assertThat(STAGE.matcher(dockerfile).results().map(MatchResult::group).toList())
        .last()
        .isEqualTo("FROM ${VARIANT}");
  }

  @Test
  void runsAsSparksUserWithDaptWhereTheSamplesExpectIt() throws IOException {
    List<String> users = all("(?m)^USER (\\S+)$", dockerfile);
    assertThat(users).last().isEqualTo("185");
    assertThat(dockerfile).contains("--uid=185", "COPY --from=build /opt/dapt /opt/dapt");
    assertThat(dockerfile).contains("ENTRYPOINT [\"/opt/entrypoint.sh\"]");
    for (String sample :
        List.of("conf/spark/kubernetes.conf", "submit-scripts/airflow/spark-application.yaml")) {
      assertThat(all("(/opt/\\w+/bin/gpu-discovery)", read(sample)))
          .containsOnly("/opt/dapt/bin/gpu-discovery");
      for (String tag : all("(registry\\.example\\.org/dapt:[\\w.-]+)", read(sample))) {
        assertThat(dockerfile).as(sample).contains(" -t " + tag + " ");
      }
    }
  }

  private List<String> copied() {
    List<String> paths = new ArrayList<>();
    COPIED
        .matcher(dockerfile)
        .results()
        .forEach(found -> paths.addAll(List.of(found.group(1).trim().split("\\s+"))));
    assertThat(paths).hasSizeGreaterThan(10);
    return paths;
  }

  private static String property(String name, String pom) {
    return all("<" + Pattern.quote(name) + ">(.+)</", pom).get(0);
  }

  private static List<String> all(String pattern, String text) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    List<String> found = matcher.results().map(result -> result.group(1)).toList();
    assertThat(found).as(pattern).isNotEmpty();
    return found;
  }

  private static String read(String file) throws IOException {
    return Files.readString(HOME.resolve(file));
  }
}
