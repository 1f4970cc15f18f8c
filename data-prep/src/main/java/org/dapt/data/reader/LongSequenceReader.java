package org.dapt.data.reader;

/**
 * Tasks of the Long Sequence benchmark: the same object as {@link SuperNiReader} reads, but the
 * definition may be missing or empty, and a bare list of instances is accepted.
 */
public final class LongSequenceReader extends JsonTaskReader {
  /** Used by {@link java.util.ServiceLoader}. */
  public LongSequenceReader() {
    super(DefinitionRule.OPTIONAL);
  }

  @Override
  public String name() {
    return "long-sequence";
  }
}
