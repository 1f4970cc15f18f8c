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
  /** The setting that stands for the chat template of the model. */
  public static final String CHAT = "chat";

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
          "tasks.template is '%s', expected super-ni, long-sequence, chat or a text with the place {input}."
              .formatted(setting));
    }
    return new PromptTemplate(text);
  }

  /**
   * Checks the value of {@code tasks.template}.
   *
   * @throws ConfigException if it is none
   */
  public static void check(String setting) {
    if (!setting.equals(CHAT)) {
      of(setting);
    }
  }

  /** The text that {@code setting} stands for, or {@value #CHAT}. */
  public static String shown(String setting) {
    return setting.equals(CHAT) ? CHAT : of(setting).text();
  }

  /** Whether inputs are written with the definition of their task, by the same value. */
  public static boolean hasDefinition(String setting) {
    return !setting.equals(CHAT) && of(setting).text().contains(DEFINITION);
  }

  /** Whether inputs are written with an instruction where they have one, by the same value. */
  public static boolean takesInstruction(String setting) {
    return setting.equals(CHAT) || hasDefinition(setting);
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
