package org.dapt.jinja;

/** What one rendering may use up: a template comes from elsewhere, and may not end otherwise. */
final class Budget {
  private static final int STEPS = 10_000_000;
  private static final long CHARACTERS = 1L << 27;
  private static final int DEPTH = 50;

  private int steps;
  private long characters;
  private int depth;

  /** Counts an operation. */
  void step() {
    if (++steps > STEPS) {
      throw new JinjaException("the template takes more than %d steps".formatted(STEPS));
    }
  }

  /** Counts a text that was put together. */
  String made(String text) {
    characters(text.length());
    return text;
  }

  /** Counts a text before it is put together. */
  void characters(long length) {
    characters += length;
    if (characters > CHARACTERS) {
      throw new JinjaException(
          "the template makes more than %d characters of text".formatted(CHARACTERS));
    }
  }

  /** Enters a macro. */
  void enter() {
    if (++depth > DEPTH) {
      throw new JinjaException("macros call each other more than %d deep".formatted(DEPTH));
    }
  }

  /** Leaves a macro. */
  void leave() {
    depth--;
  }
}
