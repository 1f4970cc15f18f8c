package org.dapt.data.reader;

import java.io.IOException;

/** Takes the instances of a file one after the other. */
@FunctionalInterface
public interface InstanceSink {
  /** Takes the instance at {@code position}, counted from 0 in the order of the file. */
  void accept(long position, Instance instance) throws IOException;

  /**
   * Is told of a field that is not read although it has a text, a list or an object as its value,
   * or is named like one that is read; once for every time that it is there.
   */
  default void passedOver(String field) {}
}
