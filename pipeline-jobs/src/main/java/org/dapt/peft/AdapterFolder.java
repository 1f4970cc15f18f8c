package org.dapt.peft;

import java.io.IOException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.dapt.adapter.PeftFiles;
import org.dapt.error.InputException;

/**
 * The folder of an adapter of PEFT, as far as its files go.
 *
 * @param files where it lies
 * @param folder the folder
 */
record AdapterFolder(FileSystem files, Path folder) {
  private static final String PICKLED = "adapter_model.bin";

  /**
   * Checks that configuration and weights are there; where they are not, it is said what is.
   *
   * @throws InputException if one of them is missing
   */
  void requireWhole() throws IOException {
    if (!has(folder, PeftFiles.CONFIG) && files.exists(folder)) {
      // save_pretrained puts every adapter but the one called "default" into a folder of its name.
      for (FileStatus child : files.listStatus(folder)) {
        if (child.isDirectory() && has(child.getPath(), PeftFiles.CONFIG)) {
          throw new InputException(
              "%s has no %s, but its sub-folder %s has one: PEFT writes an adapter with a name there. Give --adapter %s."
                  .formatted(folder, PeftFiles.CONFIG, child.getPath().getName(), child.getPath()));
        }
      }
    }
    if (!has(folder, PeftFiles.WEIGHTS) && has(folder, PICKLED)) {
      throw new InputException(
          "%s has only %s, which is not read because loading it runs code from it. In Python, load the adapter with PEFT and call save_pretrained(folder, safe_serialization=True)."
              .formatted(folder, PICKLED));
    }
  }

  private boolean has(Path place, String name) throws IOException {
    return files.exists(new Path(place, name));
  }
}
