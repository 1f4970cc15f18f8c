package org.dapt.sink;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * A record of a TensorBoard event file: an {@code Event} message of TensorFlow's {@code
 * event.proto}, of which dapt uses four fields, framed as a TFRecord.
 *
 * <p>The frame is the length (8 bytes), its masked checksum (4), the message, the message's masked
 * checksum (4); all little-endian. The masked checksum of bytes is their CRC-32C rotated right by
 * 15 bits plus 0xa282ead8.
 */
final class EventRecord {
  /** The first record of a file says which version of the format it has. */
  private static final String FILE_VERSION = "brain.Event:2";

  // Field numbers with their wire types: event.proto, summary.proto.
  private static final int WALL_TIME = 1 << 3 | 1;
  private static final int STEP = 2 << 3;
  private static final int VERSION = 3 << 3 | 2;
  private static final int SUMMARY = 5 << 3 | 2;
  private static final int SUMMARY_VALUE = 1 << 3 | 2;
  private static final int TAG = 1 << 3 | 2;
  private static final int SIMPLE_VALUE = 2 << 3 | 5;

  private EventRecord() {}

  /** The record that begins a file. */
  static byte[] version(double wallTime) {
    Message event = new Message();
    event.fixed64(WALL_TIME, Double.doubleToRawLongBits(wallTime));
    event.bytes(VERSION, FILE_VERSION.getBytes(StandardCharsets.UTF_8));
    return framed(event.toByteArray());
  }

  /** The record of one scalar, in single precision as TensorBoard keeps it. */
  static byte[] scalar(double wallTime, int step, String tag, double value) {
    Message scalar = new Message();
    scalar.bytes(TAG, tag.getBytes(StandardCharsets.UTF_8));
    scalar.fixed32(SIMPLE_VALUE, Float.floatToRawIntBits((float) value));
    Message summary = new Message();
    summary.bytes(SUMMARY_VALUE, scalar.toByteArray());
    Message event = new Message();
    event.fixed64(WALL_TIME, Double.doubleToRawLongBits(wallTime));
    event.varint(STEP);
    event.varint(step);
    event.bytes(SUMMARY, summary.toByteArray());
    return framed(event.toByteArray());
  }

  /** The masked CRC-32C of {@code bytes}. */
  static int masked(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
  }

  private static byte[] framed(byte[] message) {
    byte[] length = little(Long.BYTES).putLong(message.length).array();
    return little(Long.BYTES + 2 * Integer.BYTES + message.length)
        .put(length)
        .putInt(masked(length))
        .put(message)
        .putInt(masked(message))
        .array();
  }

  /**
   * The next message of {@code in}; null at the end, and where a process was killed while it wrote.
   *
   * @throws IOException if the file is damaged
   */
  static byte[] read(DataInputStream in) throws IOException {
    try {
      byte[] head = in.readNBytes(Long.BYTES);
      if (head.length < Long.BYTES) {
        return null;
      }
      int headCheck = Integer.reverseBytes(in.readInt());
      long length = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getLong();
      if (headCheck != masked(head) || length < 0 || length > Integer.MAX_VALUE - 16) {
        throw new IOException("a record's length does not fit its checksum");
      }
      byte[] message = in.readNBytes((int) length);
      if (message.length < length) {
        return null;
      }
      if (Integer.reverseBytes(in.readInt()) != masked(message)) {
        throw new IOException("a record does not fit its checksum");
      }
      return message;
    } catch (EOFException e) {
      return null;
    }
  }

  /** Where a scalar of a message stands. */
  record Place(String tag, int step) {}

  /** The place of the scalar in a message that {@link #scalar} made; null for other messages. */
  static Place place(byte[] message) {
    ByteBuffer event = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
    int step = 0;
    while (event.hasRemaining()) {
      int field = (int) varint(event);
      if (field == WALL_TIME) {
        event.getLong();
      } else if (field == STEP) {
        step = (int) varint(event);
      } else if (field == SUMMARY) {
        return new Place(tag(slice(slice(event, SUMMARY), SUMMARY_VALUE)), step);
      } else {
        return null;
      }
    }
    return null;
  }

  /**
   * The bytes of a field whose key was read already where {@code field} is SUMMARY, else behind it.
   */
  private static ByteBuffer slice(ByteBuffer in, int field) {
    if (field != SUMMARY) {
      varint(in);
    }
    int length = (int) varint(in);
    return in.slice(in.position(), length);
  }

  private static String tag(ByteBuffer value) {
    varint(value);
    byte[] tag = new byte[(int) varint(value)];
    value.get(tag);
    return new String(tag, StandardCharsets.UTF_8);
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = in.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A protobuf message being written. */
  private static final class Message {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    void varint(long value) {
      long rest = value;
      while ((rest & ~0x7fL) != 0) {
        out.write((int) ((rest & 0x7f) | 0x80));
        rest >>>= 7;
      }
      out.write((int) rest);
    }

    void fixed64(int field, long value) {
      varint(field);
      out.writeBytes(little(Long.BYTES).putLong(value).array());
    }

    void fixed32(int field, int value) {
      varint(field);
      out.writeBytes(little(Integer.BYTES).putInt(value).array());
    }

    void bytes(int field, byte[] value) {
      varint(field);
      varint(value.length);
      out.writeBytes(value);
    }

    byte[] toByteArray() {
      return out.toByteArray();
    }
  }
}
