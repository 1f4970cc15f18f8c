package org.dapt.data.reader;

import java.io.IOException;

/** Takes the instances of a file one after the other. */
@FunctionalInterface
public interface InstanceSink {
  /** Takes the instance at {@code position}, counted from 0 in the order of the file. */
  void accept(long position, Instance instance) throws IOException;
}
