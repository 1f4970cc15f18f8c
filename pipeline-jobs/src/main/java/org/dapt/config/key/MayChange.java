package org.dapt.config.key;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A key with which a run may go on with another value, though runs were stored whose hash has it:
 * the hash of a run goes on with the value that it was started with. Keys that come new are {@link
 * NotHashed} instead.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface MayChange {}
