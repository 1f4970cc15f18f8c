package org.dapt.data.file;

import java.io.IOException;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** SHA-256 digests, as lower-case hexadecimal text. */
public final class FileDigest {
  private FileDigest() {}

  /** The digest of the bytes of {@code file}. */
  public static String sha256(FileSystem files, Path file) throws IOException {
    var digest = newSha256();
    try (var in = new DigestInputStream(files.open(file), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return hex(digest);
  }

  /** A new, empty digest. */
  public static MessageDigest newSha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  /** Ends {@code digest} and returns its 64 digits. */
  public static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }
}
