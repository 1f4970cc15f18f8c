package org.dapt.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dapt.config.Configs.failure;
import static org.dapt.config.Configs.inFile;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Options that one method has of its own. */
class MethodOptionsTest {
  private static final String METHOD = "method.name = scaled-seq-lora\n";

  @TempDir private Path folder;

  @Test
  void areReadFromTheirSectionAndTheCommandLineWithTheMethodsDefaults() {
    assertThat(inFile(folder, METHOD + "method.options.factor = 0.5").method().options())
        .containsEntry("factor", 0.5)
        .containsEntry("inverse", false)
        .hasSize(2);
    assertThat(
            inFile(
                    folder,
                    METHOD + "method.options { factor = 0.5, inverse = true }",
                    "method.options.factor=2",
                    "method.options.inverse=null")
                .method()
                .options())
        .containsEntry("factor", 2.0)
        .containsEntry("inverse", false);
    assertThat(Configs.of().method().options()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "factor = 0 | method.options.factor is 0 (%s:2), expected a number above 0.",
        "factor = [1] | method.options.factor is [1] (%s:2), expected a number above 0.",
        "factor { a = 1 } | method.options.factor is a section (%s:2), expected a number above 0.",
        "inverse = 1 | method.options.inverse is 1 (%s:2), expected true or false.",
        "facter = 1 | method.options.facter is not an option of scaled-seq-lora (%s:2); the nearest"
            + " is factor.",
      })
  void wrongOnesAreToldWithKeyPlaceAndWhatIsExpected(String line, String message) {
    assertThat(failure(() -> inFile(folder, METHOD + "method.options." + line.strip())))
        .isEqualTo(message.strip().formatted(folder.resolve("dapt.conf")));
  }

  @Test
  void otherMethodsRefuseThem() {
    assertThat(failure(() -> Configs.of("method.options.factor=2")))
        .isEqualTo("method.options.factor is not an option of dapt-lora (-D); it has none.");
  }

  @Test
  void aValueInThePlaceOfTheSectionIsToldOnce() {
    assertThat(failure(() -> inFile(folder, METHOD + "method.options = 2")))
        .startsWith("method.options is a value (")
        .doesNotContain("\n");
  }

  @Test
  void decideTheHashHoweverTheyAreStated() {
    DaptConfig plain = Configs.of("method.name=scaled-seq-lora");
    DaptConfig stated = Configs.of("method.name=scaled-seq-lora", "method.options.factor=1");
    DaptConfig other = Configs.of("method.name=scaled-seq-lora", "method.options.factor=2");

    assertThat(stated.hash()).isEqualTo(plain.hash());
    assertThat(other.hash()).isNotEqualTo(plain.hash());
    assertThat(ConfigDifferences.between(plain, other))
        .containsExactly("method.options.factor: 1 in the run, 2 now");
  }

  @Test
  void areStoredWithTheEffectiveConfiguration() {
    DaptConfig config = Configs.of("method.name=scaled-seq-lora", "method.options.factor=0.25");

    assertThat(ConfigLoader.parse(config.effective(), "config.conf", List.of())).isEqualTo(config);
  }
}
