package org.dapt.predict;

import java.io.Serializable;

/**
 * What is to be answered, and how.
 *
 * @param input a file, a folder or a pattern
 * @param kind of the input; null to see it from the names of the files
 * @param fields where rows have what counts
 * @param instruction for rows that bring none; null for none
 * @param output folder of the predictions
 * @param format of the predictions
 * @param step after how many tasks; null for all that are learnt
 * @param task of the inputs, for methods that must know it; null where nobody knows
 * @param partRows rows that are answered and kept together
 */
public record PredictSettings(
    String input,
    InputKind kind,
    InputFields fields,
    String instruction,
    String output,
    OutputFormat format,
    Integer step,
    String task,
    int partRows)
    implements Serializable {}
