package org.dapt.jinja;

/**
 * The value of a name that has none: no text, nothing in it, and everything else that is asked of
 * it is an error.
 *
 * @param name what has no value
 */
record Undefined(String name) {
  JinjaException failure() {
    return new JinjaException(name + " is undefined");
  }
}
