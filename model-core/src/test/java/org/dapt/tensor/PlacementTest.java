package org.dapt.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.io.Dtype;
import org.dapt.io.SafetensorsFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PlacementTest {
  /** Working copy: tests run in their module's folder. */
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  /** What makes a tensor that does not follow another one, or says where it lies. */
  private static final Pattern MAKES =
      Pattern.compile(
          "\\bTensor\\.create\\(|new"
              + " TensorOptions|\\bpytorch\\.Device\\b|\\bDeviceType\\b|\\.cuda\\("
              + "|\\bcreateCPUGenerator\\(|\\btorch\\.(arange|\\w*empty|eye|from_blob|full|linspace"
              + "|ones|rand\\w*|scalar_tensor|tensor|tri[lu]_indices|zeros)\\(");

  private static final Pattern READS_MEMORY = Pattern.compile("data_ptr");

  @ParameterizedTest
  @EnumSource(ComputeType.class)
  void numbersAreThoseGivenInTheTypeAskedFor(ComputeType type) {
    try (PointerScope scope = new PointerScope()) {
      Placement placement = Placement.cpu(type);
      double third = 1.0 / 3;
      Tensor learnt = placement.of(placement.learnt(), new double[] {third, -2, 0, 7}, 2, 2);
      double stored = type == ComputeType.FLOAT64 ? third : (float) third;
      assertThat(Tensors.toDoubles(learnt)).containsExactly(stored, -2, 0, 7);
      assertThat(Tensors.shape(learnt)).containsExactly(2, 2);
      assertThat(learnt.scalar_type().intern()).isEqualTo(type.learnt());
      Tensor frozen = placement.of(placement.scalar(), new float[] {0.5f, 3}, 2);
      assertThat(Tensors.toDoubles(frozen)).containsExactly(0.5, 3);
      assertThat(frozen.scalar_type().intern()).isEqualTo(type.scalar());
      assertThat(Tensors.toLongs(placement.padded(List.of(new int[] {4}, new int[] {5, 6}), 9)))
          .containsExactly(4, 9, 5, 6);
      assertThat(Tensors.toLongs(placement.upTo(3))).containsExactly(0, 1, 2);
      assertThat(Tensors.toLongs(placement.indices(8, -1))).containsExactly(8, -1);
    }
  }

  /** libtorch's device without memory, of which every machine has one. */
  @ParameterizedTest
  @EnumSource(ComputeType.class)
  void everyTensorLiesOnTheDevice(ComputeType type) {
    try (PointerScope scope = new PointerScope()) {
      Placement meta = new Placement(new Device("meta"), type);
      ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putFloat(0, 2.5f);
      List<Tensor> reals =
          List.of(
              meta.zeros(meta.learnt(), 2, 3),
              meta.ones(meta.learnt(), 2, 3),
              meta.of(meta.learnt(), new double[6], 2, 3),
              meta.of(meta.learnt(), new float[6], 2, 3),
              meta.normal(meta.learnt(), 1, 7, 2, 3));
      for (Tensor tensor : reals) {
        assertThat(tensor.is_meta()).isTrue();
        assertThat(Tensors.shape(tensor)).containsExactly(2, 3);
        assertThat(tensor.scalar_type().intern()).isEqualTo(type.learnt());
      }
      Tensor read = meta.of(meta.scalar(), bytes, Dtype.F32, 2, 1);
      assertThat(read.is_meta()).isTrue();
      assertThat(Tensors.shape(read)).containsExactly(2, 1);
      assertThat(read.scalar_type().intern()).isEqualTo(type.scalar());
      List<Tensor> integers =
          List.of(meta.indices(1, 2), meta.upTo(2), meta.padded(List.of(new int[2]), 0));
      for (Tensor tensor : integers) {
        assertThat(tensor.is_meta()).isTrue();
        assertThat(tensor.scalar_type().intern()).isEqualTo(ScalarType.Long);
        assertThat(tensor.numel()).isEqualTo(2);
      }
      assertThat(meta.host().zeros(meta.scalar(), 1).is_cpu()).isTrue();
      assertThat(meta.host().type()).isEqualTo(type);
    }
  }

  @Test
  void whatIsReadFromAFileLiesOnTheDevice() {
    try (PointerScope scope = new PointerScope()) {
      Placement host = Placement.cpu(ComputeType.FLOAT32);
      byte[] stored =
          NamedTensors.write(
              Map.of("real", host.ones(host.learnt(), 3), "whole", host.indices(1)), Map.of());
      try (SafetensorsFile file = SafetensorsFile.parse(stored, "memory")) {
        Map<String, Tensor> read =
            NamedTensors.read(file, new Placement(new Device("meta"), ComputeType.FLOAT64));
        assertThat(read.values()).hasSize(2).allMatch(Tensor::is_meta);
        assertThat(read.get("real").scalar_type().intern()).isEqualTo(ScalarType.Double);
        assertThat(read.get("whole").scalar_type().intern()).isEqualTo(ScalarType.Long);
      }
    }
  }

  /** The device of a task is chosen in one place; what follows takes it from the placement. */
  @Test
  void nothingElseMakesTensorsOrNamesADevice() {
    assertThat(sourcesWith(MAKES)).containsExactlyInAnyOrder("Placement", "Device", "TaskDevice");
  }

  /** Addresses are valid in this process's memory only, to which they have to copy first. */
  @Test
  void onlyTheseReadMemoryByItsAddress() {
    assertThat(sourcesWith(READS_MEMORY))
        .containsExactlyInAnyOrder("Tensors", "SparkExchange", "BigDlExchange");
  }

  /** The names of all product classes in whose source {@code pattern} is found. */
  private static Set<String> sourcesWith(Pattern pattern) {
    Set<String> found = new TreeSet<>();
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path module : modules.map(folder -> folder.resolve("src/main/java")).toList()) {
        if (Files.isDirectory(module)) {
          found.addAll(sourcesWith(pattern, module));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found;
  }

  private static Set<String> sourcesWith(Pattern pattern, Path folder) throws IOException {
    Set<String> found = new TreeSet<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        if (pattern.matcher(Files.readString(file)).find()) {
          found.add(file.getFileName().toString().replace(".java", ""));
        }
      }
    }
    return found;
  }
}
