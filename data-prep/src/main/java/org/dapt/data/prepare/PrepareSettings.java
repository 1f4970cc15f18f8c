package org.dapt.data.prepare;

import java.io.Serializable;
import org.dapt.data.shard.Recipe;

/**
 * What preparation needs to know.
 *
 * @param root {@code tasks.root}: the folder with one folder per task, on a Hadoop file system that
 *     executors reach
 * @param modelFolder {@code model.path}: the model folder with {@code tokenizer.json}, a local path
 *     on the driver and on every executor or a folder on a Hadoop file system
 * @param recipe what decides the content
 */
public record PrepareSettings(String root, String modelFolder, Recipe recipe)
    implements Serializable {}
