package org.dapt.cli;

/** How a command prints what it found out. */
enum PrintFormat {
  /** For people. */
  text,
  /** One JSON value, for programs. */
  json
}
