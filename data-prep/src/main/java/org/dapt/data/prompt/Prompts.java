package org.dapt.data.prompt;

import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.dapt.chat.ChatMessage;
import org.dapt.chat.ChatTemplate;
import org.dapt.data.reader.Instance;
import org.dapt.data.reader.PromptTemplate;
import org.dapt.models.Models;
import org.dapt.tokenizer.EncodedText;
import org.dapt.tokenizer.TextTokenizer;

/**
 * Writes what is asked, by a template with places or by the chat template of the model. The text of
 * the latter has its special tokens, so that the tokenizer adds none.
 */
public final class Prompts {
  private final PromptTemplate template;
  private final ChatTemplate chat;

  private Prompts(PromptTemplate template, ChatTemplate chat) {
    this.template = template;
    this.chat = chat;
  }

  /**
   * Those of {@code setting}.
   *
   * @param setting value of {@code tasks.template}
   * @param model folder of the model
   * @throws org.dapt.error.ConfigException if there is no such template, or the model has none
   * @throws org.dapt.error.InputException if the chat template of the model cannot be used
   */
  public static Prompts of(String setting, String model, Configuration hadoop) {
    return setting.equals(PromptTemplate.CHAT)
        ? new Prompts(null, Models.chatTemplate(model, hadoop))
        : new Prompts(PromptTemplate.of(setting), null);
  }

  /** Digest of the chat template; null where none is used. */
  public String chatTemplateSha256() {
    return chat == null ? null : chat.sha256();
  }

  /**
   * The text that asks for what {@code instruction} says. In a chat it is one message of the user,
   * the two with an empty line between them.
   *
   * @throws org.dapt.error.InputException if the chat template does not take it
   */
  public String text(String instruction, String input) {
    if (chat == null) {
      return template.render(instruction, input);
    }
    String asked = instruction.strip();
    String both = asked.isEmpty() ? input : input.isBlank() ? asked : asked + "\n\n" + input;
    return chat.render(List.of(new ChatMessage("user", both)), true);
  }

  /**
   * The text that asks what {@code instance} asks.
   *
   * @param definition of its task
   * @throws org.dapt.error.InputException as {@link #text(String, String)}
   */
  public String text(Instance instance, String definition) {
    return text(instance.instructionOr(definition), instance.input(), instance.messages());
  }

  /**
   * The text that asks for the answer to a conversation, or to a text where there is none.
   *
   * @param instruction what {@code messages} begin with, or what the task says
   * @param input the text, or what {@code messages} come to without roles
   * @throws org.dapt.error.InputException as {@link #text(String, String)}
   */
  public String text(String instruction, String input, List<ChatMessage> messages) {
    return chat == null || messages.isEmpty()
        ? text(instruction, input)
        : chat.render(messages, true);
  }

  /** The ids of a text of these. */
  public EncodedText encode(TextTokenizer tokenizer, String text, int maxTokens) {
    return chat == null
        ? tokenizer.encode(text, maxTokens)
        : tokenizer.encodeWritten(text, maxTokens);
  }

  /**
   * The id that an answer ends with: in a chat that which ends a turn, where the model stops at it.
   */
  public int answerEnd(TextTokenizer tokenizer) {
    return chat == null ? tokenizer.rules().targetEnd() : tokenizer.endIn(chat.turnEnd());
  }
}
