package org.dapt.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
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
  private final String origin;
  private final SafetensorsHeader header;
  private final Map<String, ByteBuffer> data;
  private volatile boolean closed;

  private SafetensorsFile(String origin, SafetensorsHeader header, Map<String, ByteBuffer> data) {
    this.origin = origin;
    this.header = header;
    this.data = data;
  }

  /**
   * Opens a file of the local file system.
   *
   * @throws InputException if there is no such file, it cannot be read, its header is invalid or
   *     does not fit the data, or a tensor has more than 2^31 - 1 bytes
   */
  public static SafetensorsFile open(Path file) {
    String origin = file.toString();
    if (!Files.isRegularFile(file)) {
      throw new InputException(
          origin
              + (Files.exists(file) ? " is not a file" : " does not exist")
              + ", expected a safetensors file.");
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long fileLength = channel.size();
      if (fileLength < SafetensorsHeader.PREFIX) {
        throw SafetensorsHeader.tooShort(origin, fileLength);
      }
      long claimed = read(channel, 0, SafetensorsHeader.PREFIX, origin).getLong();
      int length = SafetensorsHeader.checkedLength(claimed, fileLength, origin);
      byte[] json = read(channel, SafetensorsHeader.PREFIX, length, origin).array();
      long start = (long) SafetensorsHeader.PREFIX + length;
      SafetensorsHeader header = SafetensorsHeader.parse(json, fileLength - start, origin);
      Map<String, ByteBuffer> data = new HashMap<>();
      for (TensorInfo tensor : header.tensors().values()) {
        data.put(tensor.name(), map(channel, start, tensor, origin));
      }
      return new SafetensorsFile(origin, header, data);
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
    if (content.length < SafetensorsHeader.PREFIX) {
      throw SafetensorsHeader.tooShort(origin, content.length);
    }
    ByteBuffer all = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    int length = SafetensorsHeader.checkedLength(all.getLong(), content.length, origin);
    byte[] json = new byte[length];
    all.get(json);
    int start = SafetensorsHeader.PREFIX + length;
    SafetensorsHeader header = SafetensorsHeader.parse(json, content.length - start, origin);
    Map<String, ByteBuffer> data = new HashMap<>();
    for (TensorInfo tensor : header.tensors().values()) {
      data.put(
          tensor.name(),
          all.slice(start + (int) tensor.begin(), (int) tensor.bytes()).asReadOnlyBuffer());
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
   * @throws IllegalStateException if this is closed
   */
  public ByteBuffer data(String name) {
    info(name);
    if (closed) {
      throw new IllegalStateException(origin + " is closed");
    }
    return data.get(name).duplicate().order(ByteOrder.LITTLE_ENDIAN);
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

  private static ByteBuffer map(FileChannel channel, long start, TensorInfo tensor, String origin)
      throws IOException {
    if (tensor.bytes() > Integer.MAX_VALUE) {
      throw new InputException(
          origin
              + ": tensor \""
              + tensor.name()
              + "\" has "
              + tensor.bytes()
              + " bytes, at most "
              + Integer.MAX_VALUE
              + " can be read. Store it in a narrower type, such as BF16.");
    }
    if (tensor.bytes() == 0) {
      return ByteBuffer.allocate(0).asReadOnlyBuffer();
    }
    return channel.map(FileChannel.MapMode.READ_ONLY, start + tensor.begin(), tensor.bytes());
  }

  private static ByteBuffer read(FileChannel channel, long position, int length, String origin)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new InputException(
            origin + " became shorter while it was read. Write or fetch the file again.");
      }
    }
    return buffer.flip();
  }
}
