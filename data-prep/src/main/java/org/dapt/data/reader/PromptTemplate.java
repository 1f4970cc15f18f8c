package org.dapt.data.reader;

import java.io.Serializable;
import org.dapt.error.ConfigException;

/**
 * How the input of the model is written: a text with the places {@code {definition}} and {@code
 * {input}}.
 *
 * @param text the text with its places
 */
public record PromptTemplate(String text) implements Serializable {
  private static final String DEFINITION = "{definition}";
  private static final String INPUT = "{input}";
  private static final String SUPER_NI =
      "Definition: {definition}\n\nNow complete the following example -\nInput: {input}\nOutput: ";
  private static final String LONG_SEQUENCE = "{definition}\n{input}\nOutput: ";

  /**
   * The template that the value of {@code tasks.template} stands for.
   *
   * @param setting {@code super-ni}, {@code long-sequence}, or a text with {@code {input}} and
   *     maybe {@code {definition}}
   * @throws ConfigException if it is none of these
   */
  public static PromptTemplate of(String setting) {
    String text =
        switch (setting) {
          case "super-ni" -> SUPER_NI;
          case "long-sequence" -> LONG_SEQUENCE;
          default -> setting;
        };
    if (!text.contains(INPUT)) {
      throw new ConfigException(
          "tasks.template is '%s', expected super-ni, long-sequence or a text with the place {input}."
              .formatted(setting));
    }
    return new PromptTemplate(text);
  }

  /**
   * The text with the outer white space of {@code definition} removed, and {@code input} as it is.
   */
  public String render(String definition, String input) {
    StringBuilder rendered =
        new StringBuilder(text.length() + definition.length() + input.length());
    int at = 0;
    while (at < text.length()) {
      // In one pass: a place that is written in a definition or an input is text like any other.
      if (text.startsWith(DEFINITION, at)) {
        rendered.append(definition.strip());
        at += DEFINITION.length();
      } else if (text.startsWith(INPUT, at)) {
        rendered.append(input);
        at += INPUT.length();
      } else {
        rendered.append(text.charAt(at++));
      }
    }
    return rendered.toString();
  }
}
