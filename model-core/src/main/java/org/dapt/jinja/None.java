package org.dapt.jinja;

/** Python's {@code None}. */
enum None {
  NONE
}
