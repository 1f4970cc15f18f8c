package org.dapt.method.epi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.dapt.method.Example;
import org.dapt.method.InputPass;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.junit.jupiter.api.Test;

/** Different answers are different classes as far as there are classes. */
class AnswerClassesTest {
  @Test
  void eachAnswerIsAClassOfItsOwn() {
    for (int token = 2; token < 100; token++) {
      assertThat(classes(2, of(token, 1), of(token + 2, 3))).containsExactlyInAnyOrder(0, 1);
    }
    assertThat(classes(20, IntStream.range(0, 20).mapToObj(i -> of(10 * i, 1)).toList()))
        .doesNotHaveDuplicates()
        .allMatch(number -> number >= 0 && number < 20);
  }

  @Test
  void theRarestAnswersShareAClass() {
    List<Example> often = List.of(of(8, 1), of(8, 1), of(9, 1), of(9, 1));
    List<Example> all = new ArrayList<>(often);
    all.addAll(List.of(of(5, 1), of(6, 7, 1)));
    assertThat(classes(3, all)).containsExactlyInAnyOrder(0, 0, 1, 1, 2, 2);
    assertThat(classes(1, all)).containsOnly(0);
  }

  private static Example of(int... target) {
    return new Example("it", 0, new int[] {3}, target);
  }

  private static List<Integer> classes(int most, Example... examples) {
    return classes(most, List.of(examples));
  }

  private static List<Integer> classes(int most, List<Example> examples) {
    try (PointerScope scope = new PointerScope()) {
      AnswerClasses classes = new AnswerClasses(most, Placement.cpu(ComputeType.FLOAT32));
      for (InputPass pass : classes.before()) {
        pass.take(pass.of(null, examples));
      }
      return examples.stream().map(classes::of).toList();
    }
  }
}
