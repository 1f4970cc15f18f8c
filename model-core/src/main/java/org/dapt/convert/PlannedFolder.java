package org.dapt.convert;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import org.dapt.io.ModelFiles;

/**
 * A model folder before it is written, for checks: its small files, and of its weights the header.
 *
 * @param shown where it is made from
 * @param contents what its files begin with
 * @param lengths of whole files
 */
record PlannedFolder(String shown, Map<String, byte[]> contents, Map<String, Long> lengths)
    implements ModelFiles {
  @Override
  public boolean isFolder() {
    return true;
  }

  @Override
  public boolean exists(String name) {
    return contents.containsKey(name);
  }

  @Override
  public List<String> names() {
    return List.copyOf(contents.keySet());
  }

  @Override
  public long length(String name) {
    return lengths.getOrDefault(name, (long) contents.get(name).length);
  }

  @Override
  public String stamp(String name) {
    return Long.toString(length(name));
  }

  @Override
  public InputStream open(String name) throws IOException {
    return new ByteArrayInputStream(contents.get(name));
  }
}
