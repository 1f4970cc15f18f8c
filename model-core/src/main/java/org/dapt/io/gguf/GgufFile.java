package org.dapt.io.gguf;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.SortedMap;
import org.dapt.digest.Sha256;
import org.dapt.error.InputException;
import org.dapt.io.ByteSource;
import org.dapt.io.LfsPointer;

/**
 * A GGUF file of version 2 or 3, open for reading. Later reads see the file as it was when it was
 * opened, even if another takes its name. Nothing but header and metadata is kept in memory.
 */
public final class GgufFile implements AutoCloseable {
  /** Numbers that are read at once at most; a multiple of every block. */
  public static final int MOST_NUMBERS = 1 << 16;

  private final String origin;
  private final ByteSource source;
  private final GgufHeader header;
  private final ByteBuffer packed =
      ByteBuffer.allocate(MOST_NUMBERS * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);

  private GgufFile(String origin, ByteSource source, GgufHeader header) {
    this.origin = origin;
    this.source = source;
    this.header = header;
  }

  /**
   * Opens a file of the local file system.
   *
   * @throws InputException if there is no such file, it cannot be read, or its header is invalid,
   *     does not fit the data or names a type that is not read
   */
  public static GgufFile open(Path file) {
    String origin = file.toString();
    if (!Files.isRegularFile(file)) {
      throw new InputException(
          origin
              + (Files.exists(file) ? " is not a file" : " does not exist")
              + ", expected a GGUF file of a model.");
    }
    try {
      return open(ByteSource.of(file), origin);
    } catch (IOException e) {
      throw unreadable(origin, e);
    }
  }

  private static GgufFile open(ByteSource source, String origin) throws IOException {
    boolean opened = false;
    try {
      long length = source.length();
      InputStream start = source.stream();
      LfsPointer.refuse(start.readNBytes(LfsPointer.LENGTH), origin);
      GgufDamage damage = new GgufDamage(origin);
      GgufInput in =
          new GgufInput(new BufferedInputStream(source.stream(), 1 << 16), length, damage);
      GgufFile file = new GgufFile(origin, source, GgufHeader.read(in, length, damage));
      opened = true;
      return file;
    } finally {
      if (!opened) {
        source.close();
      }
    }
  }

  /** Where the file lies. */
  public String origin() {
    return origin;
  }

  /** What it says of its model. */
  public GgufMetadata metadata() {
    return header.metadata();
  }

  /** Its tensors by name. */
  public SortedMap<String, GgufTensor> tensors() {
    return Collections.unmodifiableSortedMap(header.tensors());
  }

  /**
   * Reads and unpacks numbers of a tensor.
   *
   * @param from the first of them, at the beginning of a block
   * @param count how many, a multiple of a block's, {@link #MOST_NUMBERS} at most
   * @param target gets them from its beginning on
   * @throws InputException if the file became shorter, or one of them is not finite
   */
  public void read(GgufTensor tensor, long from, int count, float[] target) {
    try {
      packed.clear().limit(Math.toIntExact(tensor.type().bytes(count)));
      source.read(header.dataStart() + tensor.offset() + tensor.type().bytes(from), packed);
    } catch (EOFException e) {
      throw new InputException(
          origin + " became shorter while it was read. Fetch the file again.", e);
    } catch (IOException e) {
      throw unreadable(origin, e);
    }
    tensor.type().unpack(packed, count, target);
    for (int i = 0; i < count; i++) {
      if (!Float.isFinite(target[i])) {
        throw new GgufDamage(origin)
            .found(
                "number %d of the tensor %s is %s"
                    .formatted(from + i, GgufDamage.quoted(tensor.name()), target[i]));
      }
    }
  }

  /** The length of the file in bytes. */
  public long length() {
    try {
      return source.length();
    } catch (IOException e) {
      throw unreadable(origin, e);
    }
  }

  /** SHA-256 of all of it, as 64 hexadecimal digits. Reads all of it. */
  public String sha256() {
    try {
      MessageDigest digest = Sha256.start();
      InputStream in = source.stream();
      byte[] chunk = new byte[1 << 20];
      for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
        digest.update(chunk, 0, read);
      }
      return Sha256.hex(digest);
    } catch (IOException e) {
      throw unreadable(origin, e);
    }
  }

  @Override
  public void close() {
    try {
      source.close();
    } catch (IOException e) {
      throw unreadable(origin, e);
    }
  }

  private static InputException unreadable(String origin, IOException e) {
    return new InputException(
        "%s cannot be read: %s. Check the file and its permissions."
            .formatted(origin, e.getMessage()),
        e);
  }
}
