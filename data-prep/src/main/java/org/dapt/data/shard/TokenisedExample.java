package org.dapt.data.shard;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * One row of a shard. Columns that were not asked for are empty.
 *
 * @param index place in the prepared order of the split, from 0
 * @param id the file's name for the instance, or its split and position there
 * @param input input of the instance, without the template
 * @param references the accepted outputs
 * @param sourceIds token ids of the rendered input with the end token; not to be changed
 * @param targetIds token ids of the first reference with the end token; not to be changed
 * @param instruction the instance's own; empty where the definition of the task says it
 */
// Arrays, for a row has hundreds of ids; equals and hashCode compare what is in them.
@SuppressWarnings("ArrayRecordComponent")
public record TokenisedExample(
    long index,
    String id,
    String input,
    List<String> references,
    int[] sourceIds,
    int[] targetIds,
    String instruction) {
  /** Copies the references. */
  public TokenisedExample {
    references = List.copyOf(references);
  }

  /** One without an instruction of its own. */
  public TokenisedExample(
      long index,
      String id,
      String input,
      List<String> references,
      int[] sourceIds,
      int[] targetIds) {
    this(index, id, input, references, sourceIds, targetIds, "");
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TokenisedExample that
        && index == that.index
        && id.equals(that.id)
        && input.equals(that.input)
        && instruction.equals(that.instruction)
        && references.equals(that.references)
        && Arrays.equals(sourceIds, that.sourceIds)
        && Arrays.equals(targetIds, that.targetIds);
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        index,
        id,
        instruction,
        input,
        references,
        Arrays.hashCode(sourceIds),
        Arrays.hashCode(targetIds));
  }

  @Override
  public String toString() {
    return "TokenisedExample[index=%d, id=%s, instruction=%s, input=%s, references=%s, sourceIds=%s, targetIds=%s]"
        .formatted(
            index,
            id,
            instruction,
            input,
            references,
            Arrays.toString(sourceIds),
            Arrays.toString(targetIds));
  }
}
