package org.dapt.io;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.dapt.error.InputException;

/**
 * A safetensors file, open for reading. Later reads see the file as it was when it was opened, even
 * if another takes its name, and the interruption of one thread closes nothing for the others. Safe
 * for use from several threads.
 *
 * <p>Nothing is mapped into memory. Every page of mapped weights that was read would count as this
 * process's until the collector finds the buffer, beside the tensor that was made of it; and where
 * another process cuts the file short, the system ends a native reader of the memory, and the JVM
 * with it.
 */
public final class SafetensorsFile implements AutoCloseable {
  private final String origin;
  private final SafetensorsHeader header;
  private final ByteSource source;

  /** Where in the source the data begins. */
  private final long start;

  private volatile boolean closed;

  /**
   * @param source null where the header only was read
   */
  private SafetensorsFile(
      String origin, SafetensorsHeader header, ByteSource source, long fileLength) {
    this.origin = origin;
    this.header = header;
    this.source = source;
    start = fileLength - header.dataLength();
  }

  /**
   * Opens a file of the local file system.
   *
   * @throws InputException if there is no such file, it cannot be read, or its header is invalid or
   *     does not fit the data
   */
  public static SafetensorsFile open(Path file) {
    return open(file, file.toString());
  }

  /**
   * Opens a file of the local file system.
   *
   * @param origin how the user names it, for messages
   * @throws InputException as {@link #open(Path)}
   */
  static SafetensorsFile open(Path file, String origin) {
    if (!Files.isRegularFile(file)) {
      throw new InputException(
          origin
              + (Files.exists(file) ? " is not a file" : " does not exist")
              + ", expected a safetensors file.");
    }
    ByteSource source = null;
    boolean opened = false;
    try {
      source = ByteSource.of(file);
      SafetensorsFile result = of(source, origin);
      opened = true;
      return result;
    } catch (IOException e) {
      throw unreadable(origin, e);
    } finally {
      if (!opened && source != null) {
        close(source, origin);
      }
    }
  }

  /**
   * Reads the header of a file and nothing behind it: {@link #data} and {@link #read} must not be
   * called.
   *
   * @param in the file from its beginning; it stays open
   * @param fileLength the length of the whole file
   * @param origin where it came from, for messages
   * @throws InputException if the header is invalid or does not fit the file's length
   */
  public static SafetensorsFile header(InputStream in, long fileLength, String origin) {
    try {
      return new SafetensorsFile(origin, read(in, fileLength, origin), null, fileLength);
    } catch (IOException e) {
      throw unreadable(origin, e);
    }
  }

  /**
   * Parses a file that is already in memory.
   *
   * @param content the whole file; not copied, so it must not be changed afterwards
   * @param origin where it came from, for messages
   * @throws InputException if the header is invalid or does not fit the data
   */
  public static SafetensorsFile parse(byte[] content, String origin) {
    try {
      return of(ByteSource.of(content), origin);
    } catch (IOException e) {
      throw new IllegalStateException("bytes in memory are always readable", e);
    }
  }

  private static SafetensorsFile of(ByteSource source, String origin) throws IOException {
    long length = source.length();
    return new SafetensorsFile(origin, read(source.stream(), length, origin), source, length);
  }

  /** The names of the tensors, in alphabetical order. */
  public Set<String> names() {
    return header.tensors().keySet();
  }

  /**
   * What the header says about a tensor.
   *
   * @throws InputException if the file has no tensor of that name
   */
  public TensorInfo info(String name) {
    TensorInfo info = header.tensors().get(name);
    if (info == null) {
      throw new InputException(
          origin
              + " has no tensor \""
              + name
              + "\"; it has "
              + header.tensors().size()
              + " others. Check that the file belongs to this kind of model.");
    }
    return info;
  }

  /**
   * The bytes of a tensor, row-major: a read-only little-endian copy, positioned at 0.
   *
   * @throws InputException if the file has no tensor of that name, or became shorter
   * @throws IllegalStateException if this is closed, the header only was read, or the tensor is too
   *     long for one buffer
   */
  public ByteBuffer data(String name) {
    long bytes = info(name).bytes();
    if (bytes > Integer.MAX_VALUE) {
      throw new IllegalStateException(
          origin + ": tensor " + name + " has " + bytes + " bytes: read it in parts");
    }
    ByteBuffer all = ByteBuffer.allocate((int) bytes);
    read(name, 0, all);
    return all.flip().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Fills the rest of {@code target} with bytes of a tensor.
   *
   * @param offset of the first of them in the tensor
   * @throws InputException if the file has no tensor of that name, or became shorter
   * @throws IllegalStateException if this is closed, or the header only was read
   */
  public void read(String name, long offset, ByteBuffer target) {
    TensorInfo info = info(name);
    if (closed || source == null) {
      throw new IllegalStateException(
          origin + (closed ? " is closed" : ": only its header is read"));
    }
    if (offset < 0 || target.remaining() > info.bytes() - offset) {
      throw new IllegalArgumentException(
          "%s: %d bytes from %d on are more than %s has"
              .formatted(origin, target.remaining(), offset, info));
    }
    try {
      source.read(start + info.begin() + offset, target);
    } catch (EOFException e) {
      throw shorter(origin);
    } catch (IOException e) {
      throw unreadable(origin, e);
    }
  }

  /** The file's free-form metadata, in alphabetical order of the keys; empty if it has none. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  /** Where the file came from: its path, or what {@link #parse} was given. */
  public String origin() {
    return origin;
  }

  /** Closes the file; buffers that were handed out stay as they are. */
  @Override
  public void close() {
    closed = true;
    if (source != null) {
      close(source, origin);
    }
  }

  private static void close(ByteSource source, String origin) {
    try {
      source.close();
    } catch (IOException e) {
      throw unreadable(origin, e);
    }
  }

  private static SafetensorsHeader read(InputStream in, long fileLength, String origin)
      throws IOException {
    byte[] prefix = in.readNBytes(SafetensorsHeader.PREFIX);
    if (fileLength < SafetensorsHeader.PREFIX) {
      throw SafetensorsHeader.tooShort(origin, fileLength);
    }
    requireWhole(prefix, SafetensorsHeader.PREFIX, origin);
    if (LfsPointer.mayBegin(prefix)) {
      ByteArrayOutputStream text = new ByteArrayOutputStream();
      text.write(prefix);
      text.write(in.readNBytes(LfsPointer.LENGTH));
      LfsPointer.refuse(text.toByteArray(), origin);
    }
    long claimed = ByteBuffer.wrap(prefix).order(ByteOrder.LITTLE_ENDIAN).getLong();
    int length = SafetensorsHeader.checkedLength(claimed, fileLength, origin);
    byte[] json = in.readNBytes(length);
    requireWhole(json, length, origin);
    return SafetensorsHeader.parse(json, fileLength - SafetensorsHeader.PREFIX - length, origin);
  }

  private static void requireWhole(byte[] read, int length, String origin) {
    if (read.length < length) {
      throw shorter(origin);
    }
  }

  private static InputException shorter(String origin) {
    return new InputException(
        origin + " became shorter while it was read. Write or fetch the file again.");
  }

  private static InputException unreadable(String origin, IOException e) {
    return new InputException(
        origin + " cannot be read: " + e + ". Check the file and its permissions.", e);
  }
}
