package org.dapt.models;

import java.io.Serializable;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.DeviceChoice;

/**
 * Where executors find the base model.
 *
 * @param path a Hugging Face model folder: a local path that every executor has, or a URI of a
 *     Hadoop file system
 * @param type of its weights
 * @param device where each task puts them
 * @param beginOfText whether the tokens of an input begin as the model's tokenizer begins a text;
 *     otherwise without what its template puts in front
 */
public record ModelSource(String path, ComputeType type, DeviceChoice device, boolean beginOfText)
    implements Serializable {}
