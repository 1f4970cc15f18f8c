package org.dapt.data.file;

import java.io.IOException;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.dapt.digest.Sha256;

/** SHA-256 digests of files on any Hadoop file system. */
public final class FileDigest {
  private FileDigest() {}

  /** The digest of the bytes of {@code file}. */
  public static String sha256(FileSystem files, Path file) throws IOException {
    MessageDigest digest = Sha256.start();
    try (DigestInputStream in = new DigestInputStream(files.open(file), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return Sha256.hex(digest);
  }
}
