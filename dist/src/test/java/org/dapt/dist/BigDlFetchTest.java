package org.dapt.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What bigdl/fetch says where it cannot fetch BigDL; pip is a fake, and nothing is fetched. */
class BigDlFetchTest {
  private static final String WHEEL = "bigdl_dllib_spark3-2.4.0-py3-none-manylinux1_x86_64.whl";

  @TempDir private Path folder;
  private Path script;

  private record Ended(int code, String output) {}

  @BeforeEach
  void copyWithoutWhatWasFetched() throws IOException {
    script = Files.createDirectory(folder.resolve("bigdl")).resolve("fetch");
    Files.copy(Path.of(System.getProperty("dapt.home"), "bigdl/fetch"), script);
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void helpSaysWhatItIs() throws Exception {
    Ended ended = fetch(null, "--help");
    assertThat(ended.code()).isZero();
    assertThat(ended.output())
        .contains("--wheel-dir DIR", "Apache-2.0", "116 MB", "Intel's (MKL)", "SHA-256");
  }

  /** Else the build would ask for what is fetched already. */
  @Test
  void theBuildLooksForTheVersionThatIsCut() throws Exception {
    String pom = Files.readString(Path.of(System.getProperty("dapt.home"), "pom.xml"));
    String version = pom.replaceFirst("(?s).*<bigdl.version>(.*)</bigdl.version>.*", "$1");
    assertThat(Files.readString(script)).contains("\nVERSION = \"" + version + "\"\n");
  }

  @Test
  void whatIsTypedWrongIsNamed() throws Exception {
    refused(2, fetch(null, "--wheels", "x"), "--wheels");
    refused(2, fetch(null, "--wheel-dir"), "expected one argument");
    refused(2, fetch(null, "--wheel-dir", "none"), "--wheel-dir none does not exist");
  }

  @Test
  void withoutPipItIsSaidHowToGetIt() throws Exception {
    refused(2, fetch("sys.exit(1)"), "has no pip", "pip download", "--wheel-dir DIR");
  }

  @Test
  void withoutANetworkTheWheelsAreAskedFor() throws Exception {
    refused(
        1,
        fetch("sys.exit('no route' if 'download' in sys.argv else 0)"),
        "no route",
        "could not be fetched",
        "Check the network",
        "bigdl-dllib-spark3==2.4.0 bigdl-core==2.4.0.dev0",
        "--wheel-dir DIR");
  }

  @Test
  void aWheelThatIsMissingOrAnotherOneIsNamed() throws Exception {
    Path wheels = Files.createDirectory(folder.resolve("wheels"));
    refused(
        3, fetch(null, "--wheel-dir", wheels.toString()), wheels + " has no " + WHEEL, "Or fetch");
    Files.writeString(wheels.resolve(WHEEL), "another");
    refused(
        3,
        fetch(null, "--wheel-dir", wheels.toString()),
        WHEEL + " is not bigdl-dllib-spark3 2.4.0",
        "its SHA-256 is ",
        "expected ecaf5017");
  }

  /** Nothing is left by which a build would believe that BigDL is there. */
  private void refused(int code, Ended ended, String... messages) {
    assertThat(ended.output()).contains(messages).doesNotContain("Traceback");
    assertThat(ended.code()).isEqualTo(code);
    assertThat(folder.resolve("bigdl/repository")).doesNotExist();
  }

  /**
   * @param pip the Python code of a fake pip; null needs none
   */
  private Ended fetch(String pip, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("python3", script.toString()));
    command.addAll(List.of(arguments));
    Path output = folder.resolve("output.txt");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    if (pip != null) {
      Path module = Files.createDirectories(folder.resolve("fake/pip"));
      Files.writeString(module.resolve("__main__.py"), "import sys\n" + pip + "\n");
      Files.writeString(module.resolve("__init__.py"), "");
      builder.environment().put("PYTHONPATH", module.getParent().toString());
    }
    int code = builder.start().waitFor();
    return new Ended(code, Files.readString(output));
  }
}
