package org.dapt.realign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.dapt.error.ConfigException;
import org.junit.jupiter.api.Test;

/** What the product consists of by default has no engine of an optional module. */
class OptionalEnginesTest {
  @Test
  void nothingOfDeeplearning4jIsOnTheClassPath() {
    assertThat(SelectionEngine.names()).containsExactly("native");
    assertThatThrownBy(() -> Class.forName("org.nd4j.linalg.factory.Nd4j"))
        .isInstanceOf(ClassNotFoundException.class);
    assertThat(System.getProperty("java.class.path")).doesNotContain("nd4j", "deeplearning4j");
    assertThatThrownBy(() -> SelectionEngine.named("dl4j"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("dl4j")
        .hasMessageContaining("native");
  }
}
