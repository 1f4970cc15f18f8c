package org.dapt.io;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.dapt.error.InputException;

/**
 * A safetensors file, open for reading. The data is memory-mapped one tensor at a time when the
 * file is opened, so that files of any size work, later reads see the file as it was then even if
 * another takes its name, and the interruption of one thread closes nothing for the others. Safe
 * for use from several threads.
 */
public final class SafetensorsFile implements AutoCloseable {
  /** The longest part of a tensor: what a buffer can hold, in whole elements of any type. */
  private static final int LONGEST_PART = Integer.MAX_VALUE & -8;

  private final String origin;
  private final SafetensorsHeader header;
  private final Map<String, List<ByteBuffer>> data;
  private volatile boolean closed;

  /**
   * @param data the parts of each tensor; null where the header only was read
   */
  private SafetensorsFile(
      String origin, SafetensorsHeader header, Map<String, List<ByteBuffer>> data) {
    this.origin = origin;
    this.header = header;
    this.data = data;
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
    return open(file, origin, LONGEST_PART);
  }

  /** As {@link #open(Path)}, with tensors in parts of at most {@code longest} bytes. */
  static SafetensorsFile open(Path file, String origin, int longest) {
    if (!Files.isRegularFile(file)) {
      throw new InputException(
          origin
              + (Files.exists(file) ? " is not a file" : " does not exist")
              + ", expected a safetensors file.");
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long fileLength = channel.size();
      SafetensorsHeader header = read(Channels.newInputStream(channel), fileLength, origin);
      long start = fileLength - header.dataLength();
      Map<String, List<ByteBuffer>> data = new HashMap<>();
      for (TensorInfo tensor : header.tensors().values()) {
        List<ByteBuffer> parts = new ArrayList<>();
        for (long at = tensor.begin(); at < tensor.end(); at += longest) {
          long length = Math.min(longest, tensor.end() - at);
          parts.add(channel.map(FileChannel.MapMode.READ_ONLY, start + at, length));
        }
        data.put(tensor.name(), parts);
      }
      return new SafetensorsFile(origin, header, data);
    } catch (IOException e) {
      throw new InputException(
          origin + " cannot be read: " + e + ". Check the file and its permissions.", e);
    }
  }

  /**
   * Reads the header of a file and nothing behind it: {@link #data} and {@link #parts} must not be
   * called.
   *
   * @param in the file from its beginning; it stays open
   * @param fileLength the length of the whole file
   * @param origin where it came from, for messages
   * @throws InputException if the header is invalid or does not fit the file's length
   */
  public static SafetensorsFile header(InputStream in, long fileLength, String origin) {
    try {
      return new SafetensorsFile(origin, read(in, fileLength, origin), null);
    } catch (IOException e) {
      throw new InputException(
          origin + " cannot be read: " + e + ". Check the file and its permissions.", e);
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
    SafetensorsHeader header;
    try {
      header = read(new ByteArrayInputStream(content), content.length, origin);
    } catch (IOException e) {
      throw new IllegalStateException("bytes in memory are always readable", e);
    }
    int start = Math.toIntExact(content.length - header.dataLength());
    ByteBuffer all = ByteBuffer.wrap(content).asReadOnlyBuffer();
    Map<String, List<ByteBuffer>> data = new HashMap<>();
    for (TensorInfo tensor : header.tensors().values()) {
      data.put(
          tensor.name(), List.of(all.slice(start + (int) tensor.begin(), (int) tensor.bytes())));
    }
    return new SafetensorsFile(origin, header, data);
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
   * The bytes of a tensor, row-major: a read-only little-endian buffer of its own, positioned at 0.
   * It stays valid after {@link #close()}. Not necessarily aligned to the element size.
   *
   * @throws InputException if the file has no tensor of that name
   * @throws IllegalStateException if this is closed, or the tensor is too long for one buffer
   */
  public ByteBuffer data(String name) {
    List<ByteBuffer> parts = parts(name);
    if (parts.size() > 1) {
      throw new IllegalStateException(
          origin + ": tensor " + name + " has " + info(name).bytes() + " bytes: read it in parts");
    }
    return parts.isEmpty() ? ByteBuffer.allocate(0).asReadOnlyBuffer() : parts.get(0);
  }

  /**
   * The bytes of a tensor of any length, one part after the other, each as {@link #data} gives them
   * and of whole elements; none where the tensor is empty.
   *
   * @throws InputException if the file has no tensor of that name
   * @throws IllegalStateException if this is closed, or the header only was read
   */
  public List<ByteBuffer> parts(String name) {
    info(name);
    if (closed || data == null) {
      throw new IllegalStateException(
          origin + (closed ? " is closed" : ": only its header is read"));
    }
    return data.get(name).stream()
        .map(part -> part.duplicate().order(ByteOrder.LITTLE_ENDIAN))
        .toList();
  }

  /** The file's free-form metadata, in alphabetical order of the keys; empty if it has none. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  /** Where the file came from: its path, or what {@link #parse} was given. */
  public String origin() {
    return origin;
  }

  /**
   * Ends the use of this; the mapped memory is released when the buffers handed out are no longer
   * used.
   */
  @Override
  public void close() {
    closed = true;
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
      throw new InputException(
          origin + " became shorter while it was read. Write or fetch the file again.");
    }
  }
}
