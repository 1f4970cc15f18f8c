package org.dapt.data.shard;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;

/**
 * A Parquet file whose footer names the encodings of each column in the order of their numbers.
 * Parquet's own writer has them in the order of a hash set, which differs from process to process,
 * and with it the digest of files with equal rows.
 */
final class OrderedFooter implements OutputFile {
  /**
   * The end of a file is held back until it is closed. A longer footer, of hundreds of row groups,
   * is left as it is.
   */
  private static final int HELD = 1 << 20;

  private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);

  private final OutputFile file;

  OrderedFooter(OutputFile file) {
    this.file = file;
  }

  @Override
  public PositionOutputStream create(long blockSizeHint) throws IOException {
    return new Held(file.create(blockSizeHint));
  }

  @Override
  public PositionOutputStream createOrOverwrite(long blockSizeHint) throws IOException {
    return new Held(file.createOrOverwrite(blockSizeHint));
  }

  @Override
  public boolean supportsBlockSize() {
    return file.supportsBlockSize();
  }

  @Override
  public long defaultBlockSize() {
    return file.defaultBlockSize();
  }

  @Override
  public String getPath() {
    return file.getPath();
  }

  /** The same end of a file, with its footer in order; itself where it has no whole footer. */
  private static byte[] ordered(byte[] end) throws IOException {
    int behind = Integer.BYTES + MAGIC.length;
    int length = end.length < behind ? 0 : end.length - MAGIC.length;
    if (length == 0 || !Arrays.equals(end, length, end.length, MAGIC, 0, MAGIC.length)) {
      return end;
    }
    ByteBuffer numbers = ByteBuffer.wrap(end).order(ByteOrder.LITTLE_ENDIAN);
    int size = numbers.getInt(end.length - behind);
    int from = end.length - behind - size;
    if (size <= 0 || from < 0) {
      return end;
    }
    FileMetaData footer = Util.readFileMetaData(new ByteArrayInputStream(end, from, size));
    for (RowGroup group : footer.getRow_groups()) {
      for (ColumnChunk column : group.getColumns()) {
        ColumnMetaData data = column.getMeta_data();
        List<Encoding> encodings = new ArrayList<>(data.getEncodings());
        encodings.sort(null);
        data.setEncodings(encodings);
      }
    }
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    written.write(end, 0, from);
    Util.writeFileMetaData(footer, written);
    byte[] length4 =
        ByteBuffer.allocate(Integer.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(written.size() - from)
            .array();
    written.write(length4);
    written.write(MAGIC);
    return written.toByteArray();
  }

  private static final class Held extends PositionOutputStream {
    private final PositionOutputStream out;
    private final byte[] end = new byte[2 * HELD];
    private int size;
    private boolean closed;

    Held(PositionOutputStream out) {
      this.out = out;
    }

    @Override
    public long getPos() throws IOException {
      return out.getPos() + size;
    }

    @Override
    public void write(int one) throws IOException {
      makeRoom();
      end[size++] = (byte) one;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      int done = 0;
      while (done < length) {
        makeRoom();
        int part = Math.min(length - done, end.length - size);
        System.arraycopy(bytes, offset + done, end, size, part);
        size += part;
        done += part;
      }
    }

    private void makeRoom() throws IOException {
      if (size == end.length) {
        out.write(end, 0, HELD);
        System.arraycopy(end, HELD, end, 0, HELD);
        size = HELD;
      }
    }

    @Override
    public void close() throws IOException {
      if (closed) {
        return;
      }
      closed = true;
      try (out) {
        out.write(ordered(Arrays.copyOf(end, size)));
      }
    }
  }
}
