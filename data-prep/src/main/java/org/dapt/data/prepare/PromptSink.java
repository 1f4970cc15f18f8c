package org.dapt.data.prepare;

import java.io.IOException;
import org.dapt.data.prompt.Prompts;
import org.dapt.data.reader.Instance;
import org.dapt.data.reader.InstanceSink;
import org.dapt.data.reader.Place;
import org.dapt.data.reader.RowFault;
import org.dapt.error.InputException;

/**
 * Hands on the instances that the template takes, and takes the others for bad rows: what a row is
 * says the same here in the first pass over a file and in each later one.
 */
final class PromptSink implements InstanceSink {
  /** Takes an instance with its text. */
  @FunctionalInterface
  interface Target {
    void accept(long position, Instance instance, String text) throws IOException;
  }

  private final Prompts prompts;
  private final String definition;
  private final Target target;
  private final InstanceSink others;

  /**
   * @param others is told of what is no instance
   */
  PromptSink(Prompts prompts, String definition, Target target, InstanceSink others) {
    this.prompts = prompts;
    this.definition = definition;
    this.target = target;
    this.others = others;
  }

  @Override
  public void accept(long position, Instance instance) throws IOException {
    String text;
    try {
      text = prompts.text(instance, definition);
    } catch (InputException e) {
      if (instance.place() == null) {
        throw new InputException("instance %d: %s".formatted(position, e.getMessage()), e);
      }
      others.bad(instance.place(), RowFault.OTHER, e.getMessage());
      return;
    }
    target.accept(position, instance, text);
  }

  @Override
  public void passedOver(String field) {
    others.passedOver(field);
  }

  @Override
  public void leftOut() {
    others.leftOut();
  }

  @Override
  public void bad(Place place, RowFault fault, String problem) {
    others.bad(place, fault, problem);
  }
}
