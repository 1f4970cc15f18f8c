package org.dapt.bank;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import org.dapt.digest.Sha256;
import org.dapt.method.Replay;

/** What replayed inputs and their targets are, in one digest. */
final class ReplayDigest {
  private ReplayDigest() {}

  static String of(List<Replay> replay) {
    MessageDigest digest = Sha256.start();
    for (Replay of : replay) {
      digest.update(
          (of.task() + "\n" + of.meanAttention() + "\n").getBytes(StandardCharsets.UTF_8));
      for (int[] source : of.sources()) {
        ByteBuffer ids = ByteBuffer.allocate(4 * (source.length + 1)).putInt(source.length);
        for (int id : source) {
          ids.putInt(id);
        }
        digest.update(ids.array());
      }
    }
    return Sha256.hex(digest);
  }
}
