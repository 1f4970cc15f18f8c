package org.dapt.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigOriginFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigValueFactory;
import java.util.stream.Stream;
import org.apache.logging.log4j.Level;
import org.dapt.config.key.AsBefore;
import org.dapt.config.key.Formerly;
import org.dapt.config.key.Keys;
import org.dapt.config.key.NotHashed;
import org.dapt.config.key.TypedSettings;
import org.dapt.config.read.FormerNames;
import org.dapt.config.read.Problems;
import org.dapt.error.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys that changed since runs were stored. */
class RenamedKeysTest {
  private static final Keys THEN = Keys.of(Then.class);
  private static final Keys NOW = Keys.of(Now.class);
  private static final Config DEFAULTS =
      document("reference.conf", "train { rate = 1, select = best, ranks = 0 }");

  private record Then(Learning learning, Ranks train) {
    record Learning(double lr) {}

    record Ranks(@NotHashed int ranks) {}
  }

  private record Now(Training train) {
    record Training(
        @Formerly({"learning.lr", "train.lr"}) double rate,
        @AsBefore("last") String select,
        @NotHashed int ranks) {}
  }

  @ParameterizedTest
  @ValueSource(strings = {"learning.lr = 5", "train.lr = 5", "train.rate = 5"})
  void aKeyIsReadByEachOfItsNames(String line) {
    var read = replaced(document("run.conf", line));

    assertThat(read).isEqualTo(document("", "train { rate = 5, select = best, ranks = 0 }"));
  }

  @Test
  void aFormerNameIsWarnedOfOnce() {
    try (var log = new CapturedLog(FormerNames.class)) {
      replaced(document("run.conf", "train.lr = 5"));
      replaced(document("run.conf", "train.rate = 5"));

      assertThat(log.lines(Level.WARN))
          .containsExactly(
              "train.lr (run.conf:1) is called train.rate now: please state it by that name.");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"learning.lr = 5\ntrain.rate = 5", "learning.lr = 5\ntrain.lr = 5"})
  void bothNamesAtOnceAreRefused(String text) {
    assertThatThrownBy(() -> replaced(document("run.conf", text)))
        .isInstanceOf(ConfigException.class)
        .hasMessageMatching(
            "(learning|train).lr \\(run.conf:[12]\\) is the former name of train.rate, which is"
                + " stated too \\(run.conf:[12]\\): state the latter alone.");
  }

  @Test
  void theCommandLineGoesFirstByEitherName() {
    var stored = document("run.conf", "train.lr = 5");
    var renamed = document("run.conf", "train.rate = 5");

    assertThat(replaced(commandLine("train.rate", 7).withFallback(stored)).getInt("train.rate"))
        .isEqualTo(7);
    assertThat(replaced(commandLine("train.lr", 7).withFallback(renamed)).getInt("train.rate"))
        .isEqualTo(7);
    assertThatThrownBy(
            () -> replaced(commandLine("train.lr", 7).withFallback(commandLine("train.rate", 7))))
        .hasMessageContaining("is the former name of train.rate, which is stated too (-D)");
  }

  @Test
  void theHashOfAStoredRunStays() {
    var stored = document("run.conf", "learning.lr = 5, train.ranks = 2");
    var hash = ConfigHash.of(stored, THEN);

    assertThat(ConfigHash.of(replaced(stored.withFallback(NOW.asBefore())), NOW)).isEqualTo(hash);
    assertThat(ConfigHash.of(replaced(stored), NOW)).as("another default now").isNotEqualTo(hash);
    assertThat(ConfigHash.of(document("", "train { rate = 6, select = last }"), NOW))
        .isNotEqualTo(hash);
  }

  @Test
  void everyKeyOfTheConfigurationIsDeclaredAndNoNameIsTakenTwice() {
    assertThat(DaptConfig.KEYS.all())
        .extracting(key -> key.name())
        .containsExactlyElementsOf(TypedSettings.of(Configs.of()).keySet());
    assertThat(
            DaptConfig.KEYS.all().stream()
                .flatMap(key -> Stream.concat(Stream.of(key.name()), key.formerly().stream())))
        .doesNotHaveDuplicates();
  }

  private static Config replaced(Config stated) {
    var problems = new Problems();
    var replaced = new FormerNames(NOW, problems).replaced(stated.withFallback(DEFAULTS));
    problems.throwIfAny();
    return replaced;
  }

  private static Config document(String origin, String text) {
    return ConfigFactory.parseString(
        text, ConfigParseOptions.defaults().setOriginDescription(origin));
  }

  private static Config commandLine(String key, int value) {
    return ConfigFactory.empty()
        .withValue(
            key,
            ConfigValueFactory.fromAnyRef(value).withOrigin(ConfigOriginFactory.newSimple("-D")));
  }
}
