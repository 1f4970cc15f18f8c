package org.dapt.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Expressions have the values that Jinja2 3 gives them in the environment of Transformers. */
class TemplateTest {
  private static final Map<String, ?> VALUES =
      Map.of(
          "messages",
          List.of(Map.of("role", "user", "content", "Hi\nyou ")),
          "spaced",
          "  a b  c ",
          "lines",
          "l1\nl2\r\nl3\n",
          "list",
          List.of(3, 1, 2));

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '`',
      value = {
        "{{ spaced.rsplit(None, 1) }}                 # ['  a b', 'c']",
        "{{ spaced.rsplit() }}                        # ['a', 'b', 'c']",
        "{{ spaced.split(None, 1) }}                  # ['a', 'b  c ']",
        "{{ lines | indent(2) }}                      # `l1\n  l2\n  l3\n`",
        "{{ lines | indent(2, true, true) }}          # `  l1\n  l2\n  l3\n  `",
        "{{ 'a\\x0bb\\x1cc\\u2028d\\n'.splitlines() }} # ['a', 'b', 'c', 'd']",
        "{{ 3 | round }} {{ 2.5 | round }} {{ 1250 | round(-2) }}     # 3 2.0 1200",
        "{{ 7.45 | round(1, 'floor') }} {{ 7.41 | round(1, 'ceil') }} # 7.4 7.5",
        "{{ 7 | round(method='ceil') }}               # 7.0",
        "{{ '1_0' | int }} {{ '3.7' | int }} {{ '1d' | int(5) }} {{ '0x1p3' | float }} # 10 3 5 0.0",
        "{% for m in messages %}{% for i in list %}{{ loop.depth }}{% endfor %}{% endfor %} # 111",
        "{{ nothing | sort }}                         # []",
        "{% if messages | selectattr('role', 'eq', 'system') %}a{% else %}b{% endif %} # a",
        "{% if messages | selectattr('role', 'eq', 'system') | list %}a{% else %}b{% endif %} # b",
        "{% set g = list | select('odd') %}{{ g | list }}{{ g | list }}{{ g is iterable }} # [3, 1][]True",
        "{{ list | map('string') | join }} {{ 2 in list | reverse }} {{ list | unique | first }} # 312 True 3",
        "{% for k, v in {'a': 1} | items %}{{ k }}{{ v }}{{ loop.length }}{% endfor %} # a11",
        "{{ list[true] }}{{ 'ab'[false] }}            # 1a",
        "{{ 0 ** 9223372036854775807 }} {{ (-1) ** 9223372036854775807 }} {{ (-2) ** 3 }} # 0 -1 -8",
        "{{ 3 ** 39 }} {{ 2 ** 62 }} {{ 7 ** 0 }}     # 4052555153018976267 4611686018427387904 1",
      })
  @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void valuesAreThoseOfJinja2(String template, String expected) {
    assertThat(Template.of(template).render(VALUES, format -> format)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{ list.99999999999999999999 }}",
        "{{ list | map(attribute='99999999999999999999') | join + 1 }}",
        "{{ 3 ** 41 }}",
        "{{ 2 ** 9223372036854775807 }}",
        "{{ 0 ** -1 }}",
        "{{ 1.5 | round(method='up') }}",
        "{{ '1f' | int(0, 16) }}",
        "{{ spaced.startswith('a', 2) }}",
        "{{ lines.splitlines(true) }}",
        "{{ list | map('string') }}",
        "{{ lines | indent(2000000000) }}",
        "{{ list | tojson(indent=2000000000) }}",
      })
  @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void whatCannotBeComputedIsAFailureOfTheTemplate(String template) {
    assertThatThrownBy(() -> Template.of(template).render(VALUES, format -> format))
        .isInstanceOf(JinjaException.class);
  }
}
