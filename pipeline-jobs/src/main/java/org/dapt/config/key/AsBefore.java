package org.dapt.config.key;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A key that came after the first runs were stored. A stored run without it is read with the value
 * that says what dapt did then, whatever the default is now, and with this value the key is left
 * out of the hash.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface AsBefore {
  /** The value, in HOCON. */
  String value();
}
