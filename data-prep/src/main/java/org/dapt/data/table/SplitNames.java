package org.dapt.data.table;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.dapt.data.reader.Split;

/** How people and tools call the three splits. */
final class SplitNames {
  private static final Map<String, Split> NAMES =
      Map.of(
          "train", Split.TRAIN,
          "training", Split.TRAIN,
          "dev", Split.DEV,
          "development", Split.DEV,
          "validation", Split.DEV,
          "valid", Split.DEV,
          "val", Split.DEV,
          "eval", Split.DEV,
          "test", Split.TEST,
          "testing", Split.TEST);

  private SplitNames() {}

  /** The split of this name, whatever its case. */
  static Optional<Split> of(String name) {
    return Optional.ofNullable(NAMES.get(name.toLowerCase(Locale.ROOT)));
  }

  /** The split that a file is named for: {@code validation-00000-of-00002.parquet} is of dev. */
  static Optional<Split> ofFile(String file) {
    return of(file.split("[-_.]", 2)[0]);
  }
}
