package org.dapt.replay;

/** The samples of a task. */
public record TaskHarvest(String task, SampleHarvest harvest) {}
