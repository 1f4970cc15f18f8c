package org.dapt.data.reader;

/**
 * Tasks as Super-NaturalInstructions publishes them: an object with {@code Definition} and {@code
 * Instances}.
 */
public final class SuperNiReader extends JsonTaskReader {
  /** Used by {@link java.util.ServiceLoader}. */
  public SuperNiReader() {
    super(DefinitionRule.REQUIRED);
  }

  @Override
  public String name() {
    return "super-ni";
  }
}
