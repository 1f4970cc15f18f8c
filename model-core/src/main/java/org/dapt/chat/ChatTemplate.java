package org.dapt.chat;

import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.dapt.digest.Sha256;
import org.dapt.error.InputException;
import org.dapt.error.Shown;
import org.dapt.jinja.JinjaException;
import org.dapt.jinja.Template;

/** Writes conversations as a model knows them: the template that comes with its tokenizer. */
public final class ChatTemplate {
  private final Template template;
  private final String file;
  private final String sha256;
  private final Map<String, String> tokens;

  private ChatTemplate(Template template, String file, String sha256, Map<String, String> tokens) {
    this.template = template;
    this.file = file;
    this.sha256 = sha256;
    this.tokens = tokens;
  }

  /**
   * Reads a template, and tries it with a question of a user.
   *
   * @param source the template
   * @param file where it stands, for messages
   * @param tokens special tokens by the names of their variables, {@code bos_token} for example
   * @throws InputException if it is not well-formed, or has what is not supported
   */
  public static ChatTemplate of(String source, String file, Map<String, String> tokens) {
    Map<String, String> sorted = new TreeMap<>(tokens);
    try {
      ChatTemplate chat =
          new ChatTemplate(Template.of(source), file, Sha256.of(source + "\n" + sorted), sorted);
      chat.tryOut();
      return chat;
    } catch (JinjaException e) {
      throw new InputException(
          "The chat template in %s cannot be rendered: %s. Write what is to be asked by a tasks.template of your own, or simplify the template."
              .formatted(file, Shown.line(e.getMessage())),
          e);
    }
  }

  /** A template may refuse a question without more, but not fail of it. */
  private void tryOut() {
    try {
      rendered(List.of(new ChatMessage("user", "a")), true);
    } catch (JinjaException e) {
      if (!e.isRaised()) {
        throw e;
      }
    }
  }

  /** SHA-256 of the template with its tokens, as 64 hexadecimal digits. */
  public String sha256() {
    return sha256;
  }

  /**
   * The text of a conversation.
   *
   * @param answers whether the beginning of an answer of the assistant is behind it
   * @throws InputException if the template does not take it, with its reason
   */
  public String render(List<ChatMessage> messages, boolean answers) {
    try {
      return rendered(messages, answers);
    } catch (JinjaException e) {
      throw new InputException(
          "the chat template in %s %s: %s"
              .formatted(
                  file,
                  e.isRaised() ? "refuses the conversation" : "does not take the conversation",
                  Shown.line(e.getMessage())),
          e);
    }
  }

  /**
   * What stands behind the last answer of a conversation and ends it; empty if nothing is known to.
   */
  public String turnEnd() {
    String answer = "answer";
    String text;
    try {
      text =
          rendered(
              List.of(new ChatMessage("user", "a"), new ChatMessage("assistant", answer)), false);
    } catch (JinjaException e) {
      return "";
    }
    int at = text.lastIndexOf(answer);
    return at < 0 ? "" : text.substring(at + answer.length());
  }

  private String rendered(List<ChatMessage> messages, boolean answers) {
    List<Object> listed = new ArrayList<>();
    for (ChatMessage message : messages) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("role", message.role());
      one.put("content", message.content());
      listed.add(one);
    }
    Map<String, Object> values = new LinkedHashMap<>(tokens);
    values.put("messages", listed);
    values.put("tools", null);
    values.put("documents", null);
    values.put("add_generation_prompt", answers);
    return template.render(
        values, format -> TimeText.of(format, LocalDateTime.now(ZoneId.systemDefault())));
  }
}
