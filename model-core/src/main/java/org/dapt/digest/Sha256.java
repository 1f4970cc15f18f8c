package org.dapt.digest;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 digests, as 64 lower-case hexadecimal digits. */
public final class Sha256 {
  private Sha256() {}

  /** An empty digest. */
  public static MessageDigest start() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  /** Ends {@code digest}, which is empty afterwards, and returns its digits. */
  public static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  /** The digits of {@code content}. */
  public static String of(byte[] content) {
    return HexFormat.of().formatHex(start().digest(content));
  }

  /** The digits of {@code text} in UTF-8. */
  public static String of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }
}
