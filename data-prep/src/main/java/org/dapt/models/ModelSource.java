package org.dapt.models;

import java.io.Serializable;
import org.dapt.tensor.Placement;

/**
 * Where executors find the base model.
 *
 * @param path a Hugging Face model folder: a local path that every executor has, or a URI of a
 *     Hadoop file system
 * @param placement where each of them puts its weights, and of which types
 */
public record ModelSource(String path, Placement placement) implements Serializable {}
