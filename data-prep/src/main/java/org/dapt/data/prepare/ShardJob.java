package org.dapt.data.prepare;

import java.io.Serializable;

/** One shard of one split: the work of one Spark task. */
record ShardJob(SplitSource source, int shard) implements Serializable {}
