package org.dapt.models;

import java.io.Serializable;
import org.dapt.tensor.ComputeType;

/**
 * Where executors find the base model.
 *
 * @param path a Hugging Face model folder: a local path that every executor has, or a URI of a
 *     Hadoop file system
 * @param type type of the frozen weights
 */
public record ModelSource(String path, ComputeType type) implements Serializable {}
