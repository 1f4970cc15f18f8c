package org.dapt.data.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.dapt.error.ConfigException;
import org.junit.jupiter.api.Test;

class PromptTemplateTest {
  @Test
  void theBenchmarksTextsAreWrittenAsTheyAre() {
    assertThat(PromptTemplate.of("super-ni").render("\n Do it. \n", " x "))
        .isEqualTo(
            "Definition: Do it.\n\nNow complete the following example -\nInput:  x \nOutput: ");
    assertThat(PromptTemplate.of("long-sequence").render("Do it.\n", "x"))
        .isEqualTo("Do it.\nx\nOutput: ");
  }

  @Test
  void anOwnTextMayUseAPlaceTwiceOrLeaveTheDefinitionOut() {
    assertThat(PromptTemplate.of("{input}|{definition}|{input}").render("d", "i"))
        .isEqualTo("i|d|i");
    assertThat(PromptTemplate.of("{input}").render("d", "i")).isEqualTo("i");
  }

  @Test
  void aChatTakesAnInstructionThoughItHasNoPlaceForOne() {
    assertThat(PromptTemplate.takesInstruction(PromptTemplate.CHAT)).isTrue();
    assertThat(PromptTemplate.hasDefinition(PromptTemplate.CHAT)).isFalse();
    assertThat(PromptTemplate.takesInstruction("super-ni")).isTrue();
    assertThat(PromptTemplate.takesInstruction("{input}")).isFalse();
  }

  @Test
  void placesInsideOfTextsStayText() {
    assertThat(PromptTemplate.of("{definition}/{input}").render("{input}", "{definition}"))
        .isEqualTo("{input}/{definition}");
  }

  @Test
  void aTemplateWithoutInputIsRefused() {
    assertThatThrownBy(() -> PromptTemplate.of("superni"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("tasks.template is 'superni'")
        .hasMessageContaining("{input}");
  }
}
