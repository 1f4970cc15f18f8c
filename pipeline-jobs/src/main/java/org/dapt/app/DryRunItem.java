package org.dapt.app;

/**
 * One thing that a dry run found out.
 *
 * @param what the job, or what was checked
 * @param subject of it: a task, a step, a folder, a key
 * @param state how it stands
 * @param detail more of it; may be empty
 */
public record DryRunItem(String what, String subject, State state, String detail) {
  /** How a thing stands. */
  public enum State {
    /** It is done already. */
    DONE("done"),
    /** It would be done. */
    TO_DO("to do"),
    /** It is as it should be. */
    CHECKED("checked"),
    /** It is not there, or cannot be used: the command would stop here. */
    MISSING("missing"),
    /** The configuration does not allow it: the command would stop here. */
    REFUSED("refused"),
    /** It can be done, but is likely not what is wanted. */
    WARNING("warning");

    private final String text;

    State(String text) {
      this.text = text;
    }

    /** As it is printed. */
    public String text() {
      return text;
    }
  }
}
