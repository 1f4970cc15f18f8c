package org.dapt.data.prepare;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.dapt.data.file.FileDigest;

record TaskTokenizer(HuggingFaceTokenizer tokenizer, String sha256) {
  private static final Map<String, TaskTokenizer> LOADED = new ConcurrentHashMap<>();

  @SuppressWarnings("ArrayRecordComponent")
  record Encoded(int[] ids, boolean truncated) {}

  static TaskTokenizer at(String folder) {
    return LOADED.computeIfAbsent(folder, TaskTokenizer::load);
  }

  private static TaskTokenizer load(String folder) {
    try {
      var file = Path.of(folder, "tokenizer.json");
      var t =
          HuggingFaceTokenizer.newInstance(file, Map.of("truncation", "false", "padding", "false"));
      return new TaskTokenizer(
          t,
          FileDigest.sha256(
              FileSystem.getLocal(new Configuration()),
              new org.apache.hadoop.fs.Path(file.toUri())));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  Encoded encode(String text, int max) {
    var ids = Arrays.stream(tokenizer.encode(text).getIds()).mapToInt(i -> (int) i).toArray();
    if (ids.length <= max) {
      return new Encoded(ids, false);
    }
    var cut = Arrays.copyOf(ids, max);
    cut[max - 1] = ids[ids.length - 1];
    return new Encoded(cut, true);
  }
}
