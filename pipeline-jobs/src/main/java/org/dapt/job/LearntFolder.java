package org.dapt.job;

import java.io.Serializable;

/**
 * Where a learnt task lies.
 *
 * @param task its name
 * @param folder its folder in the run, as a URI
 */
record LearntFolder(String task, String folder) implements Serializable {}
