package org.dapt.config.key;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A key that had other names. Under these it is still read, with a warning, and the first of them
 * stays its name in the hash, so that stored runs are recognised.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Formerly {
  /** The former names with their sections, the oldest first. */
  String[] value();
}
