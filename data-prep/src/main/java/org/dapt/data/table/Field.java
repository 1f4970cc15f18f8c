package org.dapt.data.table;

import java.util.List;
import java.util.Locale;

/** What of a row counts, and by which names it is looked for where the user names none. */
public enum Field {
  /** The text that is asked about. */
  INPUT("input,text,question,prompt,sentence,query,source,context,content"),
  /** What is to be answered. */
  OUTPUT(
      "output,label,answer,target,completion,response,outputs,labels,answers,targets,references,summary"),
  /** What is to be done with the input. */
  INSTRUCTION("instruction,definition"),
  /** The name of a row. */
  ID("id,guid,uid"),
  /** The name of the task that a row belongs to. */
  TASK("task,task_name"),
  /** The split that a row belongs to. */
  SPLIT("split"),
  /** A conversation. */
  MESSAGES("messages,conversations,conversation");

  private final String usual;

  Field(String usual) {
    this.usual = usual;
  }

  /** Its key below {@code tasks.fields}. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The names that are tried, in small letters. */
  public List<String> usual() {
    return List.of(usual.split(",", -1));
  }
}
