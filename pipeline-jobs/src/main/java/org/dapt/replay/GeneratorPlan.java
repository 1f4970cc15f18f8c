package org.dapt.replay;

import java.io.Serializable;
import org.apache.spark.util.SerializableConfiguration;
import org.dapt.loop.CheckpointPlan;
import org.dapt.method.Sections;
import org.dapt.models.ModelSource;
import org.dapt.train.TrainerOptions;

/**
 * What training a generator needs.
 *
 * @param options of the generator's block
 * @param task whose inputs it learns
 * @param data folder of the prepared task
 * @param generator file of the trained generator
 * @param seed of the run
 * @param steps optimizer steps
 * @param globalBatch examples of a step over all ranks; the shards divide it
 * @param checkpoints of the generator's training
 * @param dropout on the block's inputs
 * @param maxTokens longest sample in tokens
 */
record GeneratorPlan(
    SerializableConfiguration hadoop,
    ModelSource model,
    Sections options,
    TrainerOptions trainerOptions,
    String task,
    String data,
    String generator,
    long seed,
    long steps,
    int globalBatch,
    CheckpointPlan checkpoints,
    double dropout,
    int maxTokens)
    implements Serializable {}
