/**
 * The configuration: HOCON documents merged, checked against {@code reference.conf} and read into
 * typed records.
 */
package org.dapt.config;
