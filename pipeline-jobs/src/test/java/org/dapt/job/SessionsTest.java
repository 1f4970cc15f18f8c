package org.dapt.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.dapt.cli.Main;
import org.dapt.config.ConfigLoader;
import org.dapt.config.DaptConfig;
import org.dapt.error.ConfigException;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionsTest {
  @Test
  void objectsAreCarriedByJavaWhateverTheSiteSets() {
    var conf = Sessions.conf(config("spark.serializer=org.apache.spark.serializer.KryoSerializer"));
    assertThat(conf.get("spark.serializer"))
        .isEqualTo("org.apache.spark.serializer.JavaSerializer");
  }

  @Test
  void executorsWriteNamesInUtf8UnlessTheUserSaysOtherwise() {
    assertThat(Sessions.conf(config()).get("spark.executorEnv.LC_ALL")).isEqualTo("C.UTF-8");
    assertThat(
            Sessions.conf(config("spark.executorEnv.LC_ALL=de_DE.UTF-8"))
                .get("spark.executorEnv.LC_ALL"))
        .isEqualTo("de_DE.UTF-8");
  }

  @Test
  void namesThatTheLocaleCannotWriteAreRefused() {
    assertThatThrownBy(
            () -> NamesOfFiles.check(config("tasks.order=[a,Größe]"), StandardCharsets.US_ASCII))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("tasks.order is a, Größe, which cannot be the name of a file")
        .hasMessageContaining("the character set US-ASCII here")
        .hasMessageContaining("Start dapt with LC_ALL=C.UTF-8");
    assertThatThrownBy(
            () ->
                NamesOfFiles.check(config("tasks.order=[Gr\ufffd\ufffde]"), StandardCharsets.UTF_8))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("which was not read right");
    assertThatCode(
            () -> {
              NamesOfFiles.check(config("tasks.order=[a]"), StandardCharsets.US_ASCII);
              NamesOfFiles.check(config("tasks.order=[Größe]"), StandardCharsets.UTF_8);
              // No local file has the name.
              NamesOfFiles.check(
                  config(
                      "tasks.order=[Größe]",
                      "run.dir=hdfs://h/r",
                      "tasks.root=hdfs://h/t",
                      "model.path=hdfs://h/m"),
                  StandardCharsets.US_ASCII);
            })
        .doesNotThrowAnyException();
  }

  @Test
  void aColonThatMakesAPathOfNoFileSystemIsExplained() {
    assertThatThrownBy(() -> NamesOfFiles.check(config("run.dir=run:1"), StandardCharsets.UTF_8))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("run.dir is run:1, which is no path")
        .hasMessageContaining("./");
  }

  @Test
  void aUserWithoutNameIsExplainedInOneLine(@TempDir Path folder) throws Exception {
    // The same files, under an id of which the system knows no name.
    var nameless = List.of("unshare", "--user", "--map-user=12345");
    Assumptions.assumeTrue(ends(nameless, "true") == 0, "the system lets no one change ids");
    var log = folder.resolve("log");
    var command = new ArrayList<>(nameless);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Dlog4j2.configurationFile="
                + Path.of(System.getProperty("dapt.home"), "conf/log4j2.properties"),
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "inspect",
            folder.toString()));
    var process = new ProcessBuilder(command).redirectErrorStream(true);
    process.redirectOutput(log.toFile());
    var started = process.start();
    assertThat(started.waitFor(2, TimeUnit.MINUTES)).isTrue();
    var said = Files.readString(log);
    assertThat(started.exitValue()).as(said).isEqualTo(2);
    assertThat(said.lines().filter(line -> !line.contains(" WARN ")))
        .singleElement()
        .asString()
        .contains("has the id 12345, which has no name on this system", "/etc/passwd");
    assertThat(said).doesNotContain("\tat ");
  }

  private static int ends(List<String> command, String argument) throws Exception {
    var all = new ArrayList<>(command);
    all.add(argument);
    try {
      return new ProcessBuilder(all).start().waitFor();
    } catch (java.io.IOException e) {
      return -1;
    }
  }

  private static DaptConfig config(String... settings) {
    var all =
        new ArrayList<>(List.of("run.dir=/r", "tasks.root=/t", "tasks.order=[a]", "model.path=/m"));
    all.addAll(List.of(settings));
    return ConfigLoader.load(null, all);
  }
}
