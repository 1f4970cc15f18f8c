package org.dapt.io;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** Bytes that can be read from any place by any number of threads. */
public interface ByteSource extends Closeable {
  /** How many there are. */
  long length() throws IOException;

  /**
   * Fills the rest of {@code target} with the bytes from {@code at} on.
   *
   * @throws EOFException if they end before
   */
  void read(long at, ByteBuffer target) throws IOException;

  /** Those of an array, which is not copied. */
  static ByteSource of(byte[] content) {
    return new ByteSource() {
      @Override
      public long length() {
        return content.length;
      }

      @Override
      public void read(long at, ByteBuffer target) {
        target.put(content, Math.toIntExact(at), target.remaining());
      }

      @Override
      public void close() {}
    };
  }

  /**
   * Those of a file as it is opened now, whatever takes its name later. An asynchronous channel
   * does not close when a thread that reads is interrupted, as others do.
   */
  static ByteSource of(Path file) throws IOException {
    AsynchronousFileChannel channel = AsynchronousFileChannel.open(file, StandardOpenOption.READ);
    return new ByteSource() {
      @Override
      public long length() throws IOException {
        return channel.size();
      }

      @Override
      public void read(long at, ByteBuffer target) throws IOException {
        long next = at;
        while (target.hasRemaining()) {
          int read = result(channel.read(target, next));
          if (read < 0) {
            throw new EOFException();
          }
          next += read;
        }
      }

      @Override
      public void close() throws IOException {
        channel.close();
      }
    };
  }

  /** All of them, one after the other. */
  default InputStream stream() {
    return new InputStream() {
      private long at;

      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] target, int from, int length) throws IOException {
        int whole = (int) Math.min(length, length() - at);
        if (whole <= 0) {
          return length == 0 ? 0 : -1;
        }
        ByteSource.this.read(at, ByteBuffer.wrap(target, from, whole));
        at += whole;
        return whole;
      }
    };
  }

  /** What {@code reading} comes to; an interruption meanwhile is left for later. */
  private static int result(Future<Integer> reading) throws IOException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return reading.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw new IOException(e.getCause().getMessage(), e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
