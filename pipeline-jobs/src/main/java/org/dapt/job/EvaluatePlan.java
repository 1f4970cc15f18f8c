package org.dapt.job;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.util.SerializableConfiguration;
import org.dapt.method.MethodOptions;

/**
 * What the tasks of an evaluation need.
 *
 * @param learnt all tasks learnt so far, the oldest first
 * @param seed of the run
 * @param maxNewTokens most tokens of an answer
 * @param batchTokens most source tokens of a batch, padding included
 */
record EvaluatePlan(
    SerializableConfiguration hadoop,
    ModelSource model,
    String method,
    MethodOptions methodOptions,
    List<LearntFolder> learnt,
    long seed,
    int maxNewTokens,
    int batchTokens)
    implements Serializable {}
