/**
 * The part of the template language Jinja2 that chat templates are written in, with the semantics
 * of Python's library: an immutable sandbox with {@code trim_blocks}, {@code lstrip_blocks} and
 * loop controls. What is not part of it is refused by name, and what a template may write or
 * compute is bounded.
 */
package org.dapt.jinja;
