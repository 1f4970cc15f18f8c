package org.dapt.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.openblas.presets.openblas_nolapack;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dapt.error.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeRuntimeTest {
  @Test
  void loadsOnceFromManyThreadsAndComputes() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      Callable<Float> sumOfTen =
          () -> {
            NativeRuntime.load();
            try (PointerScope scope = new PointerScope()) {
              return Tensor.create(1f, 2f, 3f, 4f).sum().item_float();
            }
          };
      List<Future<Float>> sums = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        sums.add(pool.submit(sumOfTen));
      }
      for (Future<Float> sum : sums) {
        assertThat(sum.get()).isEqualTo(10f);
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void threadsAreSetForTheCallingThread() throws Exception {
    NativeRuntime.useThreads(2);
    assertThat(torch.get_num_threads()).isEqualTo(2);
    Thread other = new Thread(() -> NativeRuntime.useThreads(1));
    other.start();
    other.join();
    assertThat(torch.get_num_threads()).isEqualTo(2);
    assertThat(openblas_nolapack.blas_get_num_threads()).isEqualTo(1);

    NativeRuntime.useThreads(1);
    assertThat(torch.get_num_threads()).isEqualTo(1);
    assertThatThrownBy(() -> NativeRuntime.useThreads(0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void residentMemoryFollowsNativeAllocations() {
    NativeRuntime.load();
    long before = NativeRuntime.residentBytes();
    try (PointerScope scope = new PointerScope()) {
      Tensor held = torch.ones(64 << 20);
      assertThat(NativeRuntime.residentBytes() - before).isGreaterThan(150L << 20);
      assertThat(held.numel()).isEqualTo(64 << 20);
    }
  }

  @Test
  void saysWhichSystemIsNeededWhenTheCLibraryIsTooOld() {
    UnsatisfiedLinkError error = new UnsatisfiedLinkError("no jnitorch in java.library.path");
    error.initCause(new UnsatisfiedLinkError("libc.so.6: version `GLIBC_2.35' not found"));
    assertThat(NativeRuntime.explain("libtorch", "pytorch", error))
        .hasMessageContaining("glibc 2.35 or newer");
  }

  @Test
  void anotherEngineDoesNotChangeHowManyThreadsOpenBlasHas() {
    NativeRuntime.useThreads(1);
    NativeRuntime.loadBeside("Other", "other", () -> openblas_nolapack.blas_set_num_threads(2));
    assertThat(openblas_nolapack.blas_get_num_threads()).isOne();
  }

  @Test
  void anotherEngineWithoutLibrariesIsAConfigurationError() {
    UnsatisfiedLinkError cause = new UnsatisfiedLinkError("Could not find jniother");
    assertThatThrownBy(
            () ->
                NativeRuntime.loadBeside(
                    "Other",
                    "other-native",
                    () -> {
                      throw new ExceptionInInitializerError(cause);
                    }))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("Cannot load Other for ")
        .hasMessageContaining("(Could not find jniother)")
        .hasMessageContaining("openblas and other-native with the classifier ");
  }

  @Test
  void aPlatformWithoutLibrariesIsAConfigurationError(@TempDir Path cache) throws Exception {
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dorg.bytedeco.javacpp.platform=linux-mips64",
                "-Dorg.bytedeco.javacpp.cachedir=" + cache,
                "-cp",
                System.getProperty("java.class.path"),
                LoadMain.class.getName())
            .redirectErrorStream(true)
            .start();
    String output =
        new String(child.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(child.waitFor()).as(output).isEqualTo(2);
    assertThat(output).contains("Cannot load libtorch for linux-mips64", "-Djavacpp.platform");
  }

  @Test
  void processesThatUnpackTogetherDoNotDisturbEachOther(@TempDir Path cache) throws Exception {
    List<Process> children = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      ProcessBuilder builder =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx256m",
                  "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
                  "-Dorg.bytedeco.javacpp.cachedir=" + cache,
                  "-cp",
                  System.getProperty("java.class.path"),
                  LoadMain.class.getName())
              .redirectErrorStream(true);
      builder.environment().putAll(Map.of("OMP_NUM_THREADS", "1"));
      children.add(builder.start());
    }
    for (Process child : children) {
      String output =
          new String(
              child.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
      assertThat(child.waitFor()).as(output).isZero();
      assertThat(output).doesNotContain("do not match", "Warning");
    }
  }

  /** Loads the libraries in a process of its own; exits as the command line does. */
  static final class LoadMain {
    private LoadMain() {}

    public static void main(String[] arguments) {
      try {
        NativeRuntime.useThreads(1);
      } catch (ConfigException e) {
        System.out.println(e.getMessage());
        System.exit(e.exitCode().code());
      }
    }
  }
}
