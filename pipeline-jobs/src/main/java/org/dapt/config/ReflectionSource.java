package org.dapt.config;

/** Where the replayed inputs of earlier tasks come from. */
public enum ReflectionSource {
  /** Nothing is replayed. */
  NONE,
  /** A seeded draw of a task's own training inputs. */
  TRAIN,
  /** Files with pseudo samples. */
  GIVEN,
  /** What a generator made up that was trained after the task. */
  GENERATED
}
