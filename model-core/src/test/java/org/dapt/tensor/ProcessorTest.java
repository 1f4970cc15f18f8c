package org.dapt.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessorTest {
  @TempDir Path folder;

  @Test
  void namesTheInstructionThatMultipliesBfloat16() throws IOException {
    assertThat(
            read("processor\t: 0\nflags\t\t: fpu avx2 avx512_bf16 sse\nflags\t\t: fpu\n")
                .bfloat16())
        .contains("avx512_bf16");
    assertThat(read("flags : fpu avx512_bf16 amx_bf16 amx_tile").bfloat16()).contains("amx_bf16");
    assertThat(read("Features\t: fp asimd i8mm bf16\n").bfloat16()).contains("bf16");
  }

  @Test
  void knowsNoneOfAnOlderOrAnUnknownProcessor() throws IOException {
    assertThat(read("flags\t\t: fpu avx2 avx512f\n").bfloat16()).isEmpty();
    assertThat(read("cpu : POWER9\n").bfloat16()).isEmpty();
    assertThat(Processor.read(folder.resolve("missing")).bfloat16()).isEmpty();
  }

  @Test
  void onlyTilesAreTiles() throws IOException {
    assertThat(read("flags : avx512_bf16").hasTiles()).isFalse();
    assertThat(read("flags : avx512_bf16 amx_bf16").hasTiles()).isTrue();
  }

  private Processor read(String text) throws IOException {
    return Processor.read(Files.writeString(folder.resolve("cpuinfo"), text));
  }
}
