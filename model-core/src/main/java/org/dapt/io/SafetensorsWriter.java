package org.dapt.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Collects tensors and writes them as a safetensors file. The bytes depend on the contents only,
 * not on the order of the calls: tensors are laid out as the reference implementation does, widest
 * type first and then by name, and the header is padded with spaces to a multiple of eight bytes.
 * Not safe for use from several threads.
 */
public final class SafetensorsWriter {
  private static final JsonFactory JSON = new JsonFactory();

  /** The bytes of a tensor, made when the file is written. */
  @FunctionalInterface
  public interface Content {
    /** Writes all of them, row-major and little-endian. */
    void writeTo(OutputStream out) throws IOException;
  }

  /** A tensor, its offsets counted from its own first byte. */
  private record Entry(TensorInfo info, Content content) {}

  private final SortedMap<String, Entry> entries = new TreeMap<>();
  private final SortedMap<String, String> metadata = new TreeMap<>();

  /**
   * Adds a tensor.
   *
   * @param shape its dimensions; empty for a scalar
   * @param data its elements, row-major and little-endian: the bytes from the buffer's position to
   *     its limit. They are read when the file is written, not copied here; the buffer's position
   *     stays where it is.
   * @return this
   * @throws IllegalArgumentException if the name is taken or not allowed, or the data does not fit
   *     the shape
   */
  public SafetensorsWriter add(String name, Dtype dtype, long[] shape, ByteBuffer data) {
    ByteBuffer kept = data.asReadOnlyBuffer();
    long size = TensorInfo.byteSize(dtype, shape);
    if (data.remaining() != size) {
      throw new IllegalArgumentException(
          "tensor "
              + name
              + " of type "
              + dtype
              + " and shape "
              + Arrays.toString(shape)
              + " takes "
              + size
              + " bytes, its data has "
              + data.remaining());
    }
    return add(
        name,
        dtype,
        shape,
        out -> {
          WritableByteChannel channel = Channels.newChannel(out);
          ByteBuffer rest = kept.duplicate();
          while (rest.hasRemaining()) {
            channel.write(rest);
          }
        });
  }

  /**
   * Adds a tensor whose bytes need not lie in memory.
   *
   * @param shape its dimensions; empty for a scalar
   * @param content is called once each time the file is written, and must write as many bytes as
   *     the shape takes
   * @return this
   * @throws IllegalArgumentException if the name is taken or not allowed
   */
  public SafetensorsWriter add(String name, Dtype dtype, long[] shape, Content content) {
    if (name.equals(SafetensorsHeader.METADATA) || !SafetensorsHeader.isEncodable(name)) {
      throw new IllegalArgumentException("a tensor cannot be named \"" + name + "\"");
    }
    TensorInfo info = new TensorInfo(name, dtype, shape, 0, TensorInfo.byteSize(dtype, shape));
    Entry entry = new Entry(info, content);
    if (entries.putIfAbsent(name, entry) != null) {
      throw new IllegalArgumentException("tensor " + name + " is already there");
    }
    return this;
  }

  /**
   * Adds to the free-form metadata, replacing values of the same keys.
   *
   * @return this
   * @throws IllegalArgumentException if a key or value has a lone surrogate
   */
  public SafetensorsWriter metadata(Map<String, String> values) {
    values.forEach(
        (key, value) -> {
          if (!SafetensorsHeader.isEncodable(key) || !SafetensorsHeader.isEncodable(value)) {
            throw new IllegalArgumentException(
                "the metadata of \"" + key + "\" is not valid Unicode");
          }
          metadata.put(key, value);
        });
    return this;
  }

  /**
   * Writes the file. The stream is neither flushed nor closed.
   *
   * @throws IOException if the stream fails
   */
  public void writeTo(OutputStream out) throws IOException {
    List<Entry> ordered = ordered();
    out.write(beginning(ordered));
    CountingStream counted = new CountingStream(out);
    for (Entry entry : ordered) {
      long before = counted.written;
      entry.content().writeTo(counted);
      if (counted.written - before != entry.info().bytes()) {
        throw new IllegalStateException(
            "%s: %d bytes were written".formatted(entry.info(), counted.written - before));
      }
    }
  }

  /** What the file begins with before the bytes of the tensors. */
  public byte[] beginning() {
    return beginning(ordered());
  }

  /** The length of the whole file in bytes. */
  public long length() {
    return beginning().length
        + entries.values().stream().mapToLong(entry -> entry.info().bytes()).sum();
  }

  /** The whole file as bytes; for files that fit an array. */
  public byte[] toBytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private List<Entry> ordered() {
    List<Entry> ordered = new ArrayList<>(entries.values());
    ordered.sort(
        Comparator.comparing((Entry e) -> e.info().dtype()).thenComparing(e -> e.info().name()));
    return ordered;
  }

  private byte[] beginning(List<Entry> ordered) {
    byte[] json;
    try {
      json = header(ordered);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    int padded = (json.length + 7) / 8 * 8;
    ByteBuffer head =
        ByteBuffer.allocate(SafetensorsHeader.PREFIX + padded).order(ByteOrder.LITTLE_ENDIAN);
    Arrays.fill(head.array(), (byte) ' ');
    head.putLong(padded).put(json);
    return head.array();
  }

  private byte[] header(List<Entry> ordered) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectFieldStart(SafetensorsHeader.METADATA);
        for (Map.Entry<String, String> item : metadata.entrySet()) {
          json.writeStringField(item.getKey(), item.getValue());
        }
        json.writeEndObject();
      }
      long begin = 0;
      for (Entry entry : ordered) {
        long end = begin + entry.info().bytes();
        json.writeObjectFieldStart(entry.info().name());
        json.writeStringField("dtype", entry.info().dtype().name());
        json.writeFieldName("shape");
        long[] shape = entry.info().shape();
        json.writeArray(shape, 0, shape.length);
        json.writeFieldName("data_offsets");
        json.writeArray(new long[] {begin, end}, 0, 2);
        json.writeEndObject();
        begin = end;
      }
      json.writeEndObject();
    }
    return out.toByteArray();
  }

  /** Counts what goes through it. */
  private static final class CountingStream extends FilterOutputStream {
    private long written;

    CountingStream(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int one) throws IOException {
      out.write(one);
      written++;
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      out.write(bytes, from, length);
      written += length;
    }
  }
}
