package org.dapt.peft;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.dapt.error.InputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders in which an adapter lies otherwise than PEFT puts one without a name. */
class AdapterFolderTest {
  @TempDir private Path folder;

  @Test
  void aNamedAdapterIsFoundInItsSubFolder() throws IOException {
    Path named = Files.createDirectory(folder.resolve("tense"));
    Files.writeString(named.resolve("adapter_config.json"), "{}");
    Files.writeString(named.resolve("adapter_model.safetensors"), "");
    assertThatThrownBy(() -> adapter(folder).requireWhole())
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll("sub-folder tense", "--adapter", named.toString());
    adapter(named).requireWhole();
  }

  @Test
  void pickledWeightsAreNotReadAndSoItIsSaid() throws IOException {
    Files.writeString(folder.resolve("adapter_config.json"), "{}");
    Files.writeString(folder.resolve("adapter_model.bin"), "PK");
    assertThatThrownBy(() -> adapter(folder).requireWhole())
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll("only adapter_model.bin", "safe_serialization=True");
    Files.writeString(folder.resolve("adapter_model.safetensors"), "");
    adapter(folder).requireWhole();
  }

  private static AdapterFolder adapter(Path folder) throws IOException {
    return new AdapterFolder(
        FileSystem.getLocal(new Configuration()), new org.apache.hadoop.fs.Path(folder.toUri()));
  }
}
