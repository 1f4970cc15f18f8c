package org.dapt.tokenizer;

import java.util.Arrays;

/**
 * A text as token ids.
 *
 * @param ids the ids with the special tokens of the tokenizer's template, cut to the requested
 *     number; not copied, so not to be changed by those who share it
 * @param fullLength the number of ids before cutting
 */
@SuppressWarnings(
    "ArrayRecordComponent") // made by the thousand and handed over once: not copied; compared by
// content
public record EncodedText(int[] ids, int fullLength) {

  /** Whether ids were cut off. */
  public boolean truncated() {
    return ids.length < fullLength;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof EncodedText that
        && fullLength == that.fullLength
        && Arrays.equals(ids, that.ids);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(ids) + fullLength;
  }

  @Override
  public String toString() {
    return Arrays.toString(ids) + " of " + fullLength;
  }
}
