package org.dapt.cli;

/** How a command prints what it found out. */
enum OutputFormat {
  /** For people. */
  text,
  /** One JSON value, for programs. */
  json
}
