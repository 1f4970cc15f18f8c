package org.dapt.data.reader;

import java.io.IOException;
import org.dapt.error.InputException;

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

  /** Is told of a row that is sound, but of another task or split than those that are read. */
  default void leftOut() {}

  /**
   * Is told of a row that is no instance, which ends the reading unless this returns.
   *
   * @param fault what kind of row it is
   * @param problem what is wrong, as the rest of a sentence that the place begins
   * @throws InputException here, with both
   */
  default void bad(Place place, RowFault fault, String problem) {
    throw new InputException("%s: %s. Correct the row or remove it.".formatted(place, problem));
  }
}
