package org.dapt.convert;

import java.io.IOException;
import java.io.OutputStream;
import org.dapt.io.gguf.GgufFile;
import org.dapt.io.gguf.GgufTensor;

/** Writes a tensor of a GGUF file in bfloat16, a part at a time. */
final class Bfloat16Rows {
  private final GgufFile file;
  private final GgufTensor tensor;
  private final float[] numbers = new float[GgufFile.MOST_NUMBERS];
  private final byte[] bytes = new byte[2 * GgufFile.MOST_NUMBERS];

  Bfloat16Rows(GgufFile file, GgufTensor tensor) {
    this.file = file;
    this.tensor = tensor;
  }

  /**
   * Writes all of it.
   *
   * @param headRows 0 to leave the order of the rows; otherwise the rows of a head, of which the
   *     2i-th becomes the i-th and the (2i+1)-th the i-th of the second half
   */
  void writeTo(OutputStream out, int headRows) throws IOException {
    if (headRows == 0) {
      write(0, tensor.elements(), out);
      return;
    }
    long columns = tensor.shape()[1];
    long rows = tensor.shape()[0];
    for (long row = 0; row < rows; row++) {
      long head = row / headRows;
      long inHead = row % headRows;
      long half = headRows / 2;
      long source = inHead < half ? 2 * inHead : 2 * (inHead - half) + 1;
      write((head * headRows + source) * columns, columns, out);
    }
  }

  private void write(long from, long count, OutputStream out) throws IOException {
    for (long done = 0; done < count; done += numbers.length) {
      int part = (int) Math.min(numbers.length, count - done);
      file.read(tensor, from + done, part, numbers);
      for (int i = 0; i < part; i++) {
        int rounded = rounded(numbers[i], from + done + i);
        bytes[2 * i] = (byte) rounded;
        bytes[2 * i + 1] = (byte) (rounded >> 8);
      }
      out.write(bytes, 0, 2 * part);
    }
  }

  /** The upper half of the nearest number, of the two nearest the even one. */
  private int rounded(float number, long at) {
    int bits = Float.floatToRawIntBits(number);
    int upper = (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
    if ((upper & 0x7f80) == 0x7f80) {
      throw file.metadata()
          .damaged(
              "number %d of the tensor %s is %s, which bfloat16 has no place for"
                  .formatted(at, GgufConversion.quoted(tensor.name()), number));
    }
    return upper;
  }
}
