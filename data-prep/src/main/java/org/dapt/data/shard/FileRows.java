package org.dapt.data.shard;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.random.RandomGenerator;

/**
 * Rows that stay in their file: row groups are read in shuffled order into a window of bounded
 * size, out of which rows are drawn at random. Memory is one window and one row group.
 */
record FileRows(ShardReader reader, int window) implements ShardRows {
  @Override
  public long size() {
    return reader.rows();
  }

  @Override
  public Iterator<TokenisedExample> shuffled(RandomGenerator random, long skip) {
    FileRows.WindowedRows rows = new WindowedRows(random);
    for (long i = 0L; i < skip; i++) {
      rows.next();
    }
    return rows;
  }

  @Override
  public void close() {
    reader.close();
  }

  private final class WindowedRows implements Iterator<TokenisedExample> {
    private final RandomGenerator random;
    private final int[] groups;
    private final List<TokenisedExample> held = new ArrayList<>(window);
    private Iterator<TokenisedExample> incoming = Collections.emptyIterator();
    private int nextGroup;

    WindowedRows(RandomGenerator random) {
      this.random = random;
      groups = MemoryRows.permutation(reader.rowGroups(), random);
    }

    @Override
    public boolean hasNext() {
      fill();
      return !held.isEmpty();
    }

    @Override
    public TokenisedExample next() {
      if (!hasNext()) {
        throw new NoSuchElementException("Every row was drawn");
      }
      Collections.swap(held, random.nextInt(held.size()), held.size() - 1);
      return held.remove(held.size() - 1);
    }

    private void fill() {
      while (held.size() < window) {
        if (incoming.hasNext()) {
          held.add(incoming.next());
        } else if (nextGroup < groups.length) {
          incoming = reader.readRowGroup(groups[nextGroup++]).iterator();
        } else {
          return;
        }
      }
    }
  }
}
