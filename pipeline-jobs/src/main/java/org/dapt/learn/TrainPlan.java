package org.dapt.learn;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.util.SerializableConfiguration;
import org.dapt.config.LearntReference;
import org.dapt.loop.CheckpointPlan;
import org.dapt.loop.Kept;
import org.dapt.method.Replay;
import org.dapt.method.Sections;
import org.dapt.models.ModelSource;
import org.dapt.run.LearntFolder;
import org.dapt.sink.StepFeed;
import org.dapt.train.TrainerOptions;

/**
 * What every rank needs to learn a task.
 *
 * @param method name of the method
 * @param learnt the tasks before it, the oldest first
 * @param tasks how many the run is to learn, as far as it is known
 * @param task its name
 * @param data folders of the prepared task and of those that are learnt together with it
 * @param reference which of their references its examples are learnt with
 * @param replay replayed inputs of earlier tasks
 * @param kept examples of earlier tasks in its batches
 * @param recollectionTokens most tokens of the texts from which a method learns to make examples up
 * @param seed of the run
 * @param steps optimizer steps
 * @param globalBatch examples of a step over all ranks; the shards divide it
 * @param dev how the dev split decides what is kept; null where the last parameters are
 * @param checkpoints of this task
 * @param feed where rank 0 shows its steps while it learns
 * @param verifyFrozen whether the frozen weights are digested before and after
 */
record TrainPlan(
    SerializableConfiguration hadoop,
    ModelSource model,
    String method,
    Sections methodOptions,
    TrainerOptions trainerOptions,
    List<LearntFolder> learnt,
    int tasks,
    String task,
    List<String> data,
    LearntReference reference,
    List<Replay> replay,
    Kept kept,
    int recollectionTokens,
    long seed,
    long steps,
    int globalBatch,
    DevPlan dev,
    CheckpointPlan checkpoints,
    StepFeed feed,
    boolean verifyFrozen)
    implements Serializable {}
