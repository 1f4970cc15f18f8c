package org.dapt.dist;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Spark is told by the script on machines whose nvidia-smi is a fake. */
class GpuDiscoveryTest {
  private static final Path SCRIPT =
      Path.of(System.getProperty("dapt.home"), "submit-scripts/gpu-discovery");

  private static final String THREE =
      """
      GPU 0: NVIDIA H100 80GB HBM3 (UUID: GPU-0a11)
      GPU 1: NVIDIA H100 80GB HBM3 (UUID: GPU-1b22)
      GPU 2: NVIDIA H100 80GB HBM3 (UUID: GPU-2c33)
      """;

  /** Of two GPUs the first is split. */
  private static final String SPLIT =
      """
      GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-0a11)
        MIG 3g.20gb     Device  0: (UUID: MIG-aaa1)
        MIG 3g.20gb     Device  1: (UUID: MIG-bbb2)
      GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-1b22)
      """;

  @TempDir private Path folder;

  private record Ended(int code, String out, String err) {
    List<String> addresses() throws IOException {
      assertThat(code).isZero();
      assertThat(out.lines()).hasSize(1);
      JsonNode object = JsonMapper.builder().build().readTree(out);
      assertThat(object.get("name").textValue()).isEqualTo("gpu");
      return Stream.iterate(0, i -> i < object.get("addresses").size(), i -> i + 1)
          .map(i -> object.get("addresses").get(i).textValue())
          .toList();
    }
  }

  @Test
  void withoutTheToolThereAreNoGpus() throws Exception {
    assertThat(discover(Map.of()).addresses()).isEmpty();
  }

  @Test
  void oneAddressPerGpu() throws Exception {
    nvidiaSmi(THREE.lines().findFirst().orElseThrow(), 0);
    assertThat(discover(Map.of()).addresses()).containsExactly("0");
    nvidiaSmi(THREE, 0);
    assertThat(discover(Map.of()).addresses()).containsExactly("0", "1", "2");
  }

  @Test
  void aDriverWithoutGpusIsNoFailure() throws Exception {
    nvidiaSmi("No devices were found", 6);
    assertThat(discover(Map.of()).addresses()).isEmpty();
    nvidiaSmi("", 0);
    assertThat(discover(Map.of()).addresses()).isEmpty();
  }

  @Test
  void theInstancesOfASplitGpuAreDevicesOfTheirOwn() throws Exception {
    nvidiaSmi(SPLIT, 0);
    assertThat(discover(Map.of()).addresses()).containsExactly("MIG-aaa1", "MIG-bbb2", "1");
  }

  @ParameterizedTest
  @CsvSource({
    "'2,0', 2 0",
    "'1, 0,7,2', 1 0",
    "'GPU-2c,GPU-0a11', 2 0",
    "'1,1', 1",
    "all, 0 1 2",
    "-1, ''",
    "NoDevFiles, ''",
    "'', ''"
  })
  void cudaVisibleDevicesLimitsAndOrders(String visible, String addresses) throws Exception {
    nvidiaSmi(THREE, 0);
    assertThat(String.join(" ", discover(Map.of("CUDA_VISIBLE_DEVICES", visible)).addresses()))
        .isEqualTo(addresses);
  }

  @ParameterizedTest
  @CsvSource({"'1,0', 1 MIG-aaa1 MIG-bbb2", "MIG-bbb2, MIG-bbb2", "'MIG-a,1', MIG-aaa1 1"})
  void cudaVisibleDevicesNamesInstancesToo(String visible, String addresses) throws Exception {
    nvidiaSmi(SPLIT, 0);
    assertThat(String.join(" ", discover(Map.of("CUDA_VISIBLE_DEVICES", visible)).addresses()))
        .isEqualTo(addresses);
  }

  @Test
  void aBrokenDriverIsNotTakenForAMachineWithoutGpus() throws Exception {
    nvidiaSmi("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.", 9);
    Ended ended = discover(Map.of());
    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err()).contains("couldn't communicate", "repair the driver");
    assertThat(discover(Map.of("CUDA_VISIBLE_DEVICES", "")).addresses()).isEmpty();
  }

  @Test
  void theToolCanBeNamed() throws Exception {
    nvidiaSmi(THREE, 0);
    Path elsewhere = Files.createDirectory(folder.resolve("my tools")).resolve("smi");
    Files.move(folder.resolve("bin/nvidia-smi"), elsewhere);
    assertThat(discover(Map.of()).addresses()).isEmpty();
    assertThat(discover(Map.of("NVIDIA_SMI", elsewhere.toString())).addresses()).hasSize(3);
  }

  private void nvidiaSmi(String prints, int code) throws IOException {
    Files.writeString(folder.resolve("listing"), prints);
    script(
        folder.resolve("bin/nvidia-smi"),
        "[ \"$1\" = -L ] && cat '%s/listing'\nexit %d".formatted(folder, code));
  }

  private static void script(Path file, String body) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/sh\n" + body + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** The machine's own nvidia-smi, if it has one, is out of sight. */
  private Ended discover(Map<String, String> environment) throws Exception {
    for (String tool : List.of("awk", "cat")) {
      script(folder.resolve("tools/" + tool), "PATH=/usr/bin:/bin exec " + tool + " \"$@\"");
    }
    ProcessBuilder builder =
        new ProcessBuilder("/bin/sh", SCRIPT.toString())
            .redirectOutput(folder.resolve("out").toFile())
            .redirectError(folder.resolve("err").toFile());
    builder.environment().clear();
    builder.environment().put("PATH", folder.resolve("bin") + ":" + folder.resolve("tools"));
    builder.environment().putAll(environment);
    int code = builder.start().waitFor();
    return new Ended(
        code,
        Files.readString(folder.resolve("out"), StandardCharsets.UTF_8),
        Files.readString(folder.resolve("err"), StandardCharsets.UTF_8));
  }
}
