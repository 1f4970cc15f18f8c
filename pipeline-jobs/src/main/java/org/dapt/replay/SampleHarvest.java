package org.dapt.replay;

import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Gathers good and distinct samples out of what is drawn. Whether a sample is a repetition depends
 * on the order in which drawn texts are given, and on nothing else.
 */
public final class SampleHarvest {
  /** Characters of a malformed text that are kept. */
  private static final int SHOWN = 200;

  private final int wanted;
  private final Function<String, PseudoSample.Parsed> form;
  private final boolean withOutputs;
  private final SortedMap<Integer, Kept> kept = new TreeMap<>();
  private final Set<List<String>> seen = new HashSet<>();
  private int drawn;
  private int malformed;
  private int empty;
  private int unlabelled;
  private int repeated;
  private String spoilt = "";

  /**
   * A sample that is kept.
   *
   * @param attempt in which it was drawn, from 1
   */
  public record Kept(PseudoSample sample, int attempt) {}

  /** A harvest of the samples 0 to {@code wanted - 1}, each with instruction and input. */
  public SampleHarvest(int wanted) {
    this(wanted, PseudoSample.MayLack.NOTHING);
  }

  /** A harvest of the samples 0 to {@code wanted - 1}, each as those of the task. */
  SampleHarvest(int wanted, PseudoSample.MayLack lacking) {
    this(wanted, text -> PseudoSample.parse(text, lacking), false);
  }

  /**
   * A harvest of the samples 0 to {@code wanted - 1}.
   *
   * @param form reads a text
   * @param withOutputs whether samples of the same input with different outputs are different
   */
  SampleHarvest(int wanted, Function<String, PseudoSample.Parsed> form, boolean withOutputs) {
    this.wanted = wanted;
    this.form = form;
    this.withOutputs = withOutputs;
  }

  /** The samples that are to be drawn again, or for the first time. */
  public List<Integer> missing() {
    return IntStream.range(0, wanted).filter(index -> !kept.containsKey(index)).boxed().toList();
  }

  /** Takes what was drawn for the sample {@code index} in {@code attempt}, from 1. */
  public void add(int index, int attempt, String text) {
    drawn++;
    PseudoSample.Parsed parsed = form.apply(text);
    switch (parsed.verdict()) {
      case MALFORMED -> {
        malformed++;
        spoilt = text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
      }
      case EMPTY -> empty++;
      case NO_LABEL -> unlabelled++;
      case GOOD -> {
        PseudoSample sample = parsed.sample();
        String output = withOutputs ? sample.output() : "";
        if (seen.add(List.of(sample.instruction(), sample.input(), output))) {
          kept.put(index, new Kept(sample, attempt));
        } else {
          repeated++;
        }
      }
    }
  }

  /** The samples by their number. */
  public SortedMap<Integer, Kept> kept() {
    return Collections.unmodifiableSortedMap(kept);
  }

  public int wanted() {
    return wanted;
  }

  /** All drawn texts. */
  public int drawn() {
    return drawn;
  }

  public int malformed() {
    return malformed;
  }

  /**
   * A sentence with the last malformed text, or its beginning, for people to see what is wrong,
   * behind a space; empty where there was none.
   */
  String example() {
    return spoilt.isEmpty() ? "" : " A malformed one: " + spoilt;
  }

  public int empty() {
    return empty;
  }

  /** Those whose output is none of the labels of the task. */
  public int unlabelled() {
    return unlabelled;
  }

  /** Good ones that were there already. */
  public int repeated() {
    return repeated;
  }
}
