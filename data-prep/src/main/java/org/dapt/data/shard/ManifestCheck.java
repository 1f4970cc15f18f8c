package org.dapt.data.shard;

import java.util.Optional;
import java.util.stream.Stream;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.TaskManifest.Shard;
import org.dapt.data.shard.TaskManifest.SplitContent;
import org.dapt.error.Shown;

/** Whether the parts of a manifest fit together, so that readers of shards can rely on it. */
final class ManifestCheck {
  private ManifestCheck() {}

  /** What does not fit, or nothing. */
  static Optional<String> problem(TaskManifest manifest) {
    if (Stream.of(
            manifest.task(),
            manifest.definition(),
            manifest.recipe(),
            manifest.tokenizerSha256(),
            manifest.splits())
        .anyMatch(part -> part == null)) {
      return Optional.of("one of task, definition, recipe, tokenizer_sha256 and splits is null");
    }
    return Stream.of(Split.values())
        .map(
            split ->
                manifest.testOnly() && split != Split.TEST
                    ? left(manifest, split)
                    : problem(manifest, split))
        .flatMap(Optional::stream)
        .findFirst();
  }

  /** A split that was left alone has nothing. */
  private static Optional<String> left(TaskManifest manifest, Split split) {
    SplitContent content = manifest.split(split);
    return content != null && content.examples() == 0 && content.shards().isEmpty()
        ? Optional.empty()
        : Optional.of(
            "the split %s is not empty, though no file of it was read".formatted(split.folder()));
  }

  private static Optional<String> problem(TaskManifest manifest, Split split) {
    String name = split.folder();
    TaskManifest.SplitContent content = manifest.split(split);
    if (content == null || content.sourceTokens() == null || content.targetTokens() == null) {
      return Optional.of(
          "the split %s, or its source_tokens or target_tokens, is null".formatted(name));
    }
    int shards = manifest.recipe().shards();
    if (content.shards().size() != shards) {
      return Optional.of(
          "the split %s has %d shards, the recipe says %d"
              .formatted(name, content.shards().size(), shards));
    }
    if (content.examples() < 1) {
      return Optional.of(
          "the split %s has %d examples, expected at least one"
              .formatted(name, content.examples()));
    }
    for (int number = 0; number < shards; number++) {
      if (!fits(content, number, split)) {
        return Optional.of(
            "entry %d of the shards of %s is %s, expected number %1$d, file %s, %d of the %d rows and a digest"
                .formatted(
                    number,
                    name,
                    Shown.of(content.shards().get(number)),
                    Shard.file(split, number),
                    content.rows(number),
                    content.examples()));
      }
    }
    return Optional.empty();
  }

  private static boolean fits(SplitContent content, int number, Split split) {
    TaskManifest.Shard shard = content.shards().get(number);
    return shard.shard() == number
        && Shard.file(split, number).equals(shard.file())
        && shard.rows() == content.rows(number)
        && shard.sha256() != null;
  }
}
