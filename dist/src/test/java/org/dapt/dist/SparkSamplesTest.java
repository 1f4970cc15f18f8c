package org.dapt.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.apache.spark.internal.config.ConfigEntry;
import org.apache.spark.internal.config.ConfigEntry$;
import org.apache.spark.internal.config.ConfigReader;
import org.dapt.gang.Gang;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The samples of Spark's settings: every key and value, those that are commented out included, is
 * one that Spark reads.
 */
class SparkSamplesTest {
  private static final Pattern RESOURCE =
      Pattern.compile("spark\\.(executor|task|worker)\\.resource\\.gpu\\.(amount|[a-zA-Z]+)");

  /** Read without an entry, or by modules of Spark that dapt is not built with. */
  private static final Set<String> ELSEWHERE =
      Set.of(
          "spark.stage.maxConsecutiveAttempts",
          "spark.yarn.maxAppAttempts",
          "spark.kubernetes.namespace",
          "spark.kubernetes.container.image",
          "spark.kubernetes.authenticate.driver.serviceAccountName");

  private static final Set<String> RESOURCE_PARTS = Set.of("amount", "vendor", "discoveryScript");

  /** Entries are known once the objects that hold them are initialised. */
  @BeforeAll
  static void loadEntries() throws ClassNotFoundException {
    for (String holder : List.of("package$", "UI$", "Network$", "Deploy$", "Worker$")) {
      Class.forName("org.apache.spark.internal.config." + holder);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "standalone", "yarn", "kubernetes"})
  void everyKeyAndValueIsOneThatSparkReads(String name) throws IOException {
    Map<String, String> settings = settings(name, true);
    assertThat(settings).containsKey("spark.master");
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      String key = setting.getKey();
      assertThat(setting.getValue()).as(key).isNotBlank();
      var resource = RESOURCE.matcher(key);
      if (resource.matches()) {
        assertThat(resource.group(2)).as(key).isIn(RESOURCE_PARTS);
      } else if (!ELSEWHERE.contains(key) && !key.equals("spark.master")) {
        ConfigEntry<?> entry = ConfigEntry$.MODULE$.findEntry(key);
        assertThat(entry).as(key).isNotNull();
        // Throws where the value is not of the entry's type.
        assertThat((Object) entry.readFrom(new ConfigReader(settings))).as(key).isNotNull();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"local,false", "standalone,true", "yarn,true", "kubernetes,true"})
  void gangsAcceptThem(String name, boolean gpus) throws IOException {
    for (boolean whole : new boolean[] {false, true}) {
      SparkConf conf = new SparkConf(false);
      settings(name, whole).forEach(conf::set);
      Gang.checkSettings(conf, 0);
      assertThat(conf.contains("spark.task.resource.gpu.amount")).isEqualTo(whole && gpus);
      if (whole && gpus) {
        // As many ranks by cores as by GPUs: neither lies idle.
        assertThat(conf.getInt("spark.executor.cores", 1) / conf.getInt("spark.task.cpus", 1))
            .isEqualTo(conf.getInt("spark.executor.resource.gpu.amount", 0));
      }
    }
  }

  @Test
  void noOtherFileIsThere() throws IOException {
    try (var files = Files.list(folder())) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "local.conf", "standalone.conf", "yarn.conf", "kubernetes.conf");
    }
  }

  /** As spark-submit reads the file; {@code whole} with the settings that are commented out. */
  private static Map<String, String> settings(String name, boolean whole) throws IOException {
    String text = Files.readString(folder().resolve(name + ".conf"));
    Properties properties = new Properties();
    try (Reader in = new StringReader(whole ? text.replace("\n# spark.", "\nspark.") : text)) {
      properties.load(in);
    }
    Map<String, String> settings = new TreeMap<>();
    properties.forEach((key, value) -> settings.put(key.toString(), value.toString().trim()));
    return settings;
  }

  private static Path folder() {
    return Path.of(System.getProperty("dapt.home"), "conf/spark");
  }
}
