package org.dapt.data.shard;

import java.io.IOException;
import java.net.SocketException;
import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** The local disk as a remote file system whose connections are lost now and then. */
public final class LostConnections extends RawLocalFileSystem {
  /** How many of the next reads fail. */
  static int lost;

  static Configuration configuration() {
    var hadoop = new Configuration();
    hadoop.setClass("fs.lost.impl", LostConnections.class, RawLocalFileSystem.class);
    return hadoop;
  }

  @Override
  public URI getUri() {
    return URI.create("lost:///");
  }

  @Override
  public FSDataInputStream open(Path file, int buffer) throws IOException {
    var content = super.open(file, buffer);
    return new FSDataInputStream(
        new FSInputStream() {
          @Override
          public int read() throws IOException {
            lose();
            return content.read();
          }

          @Override
          public int read(byte[] into, int offset, int length) throws IOException {
            lose();
            return content.read(into, offset, length);
          }

          @Override
          public void seek(long position) throws IOException {
            content.seek(position);
          }

          @Override
          public long getPos() throws IOException {
            return content.getPos();
          }

          @Override
          public boolean seekToNewSource(long position) {
            return false;
          }

          @Override
          public void close() throws IOException {
            content.close();
          }
        });
  }

  private static void lose() throws SocketException {
    if (lost > 0) {
      lost--;
      throw new SocketException("Connection reset");
    }
  }
}
