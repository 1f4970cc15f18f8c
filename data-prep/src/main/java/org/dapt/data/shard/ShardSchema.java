package org.dapt.data.shard;

import java.util.ArrayList;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;

/**
 * The columns of a shard. Lists have Parquet's three levels, so that every engine reads them as
 * lists.
 */
public final class ShardSchema {
  static final String INDEX = "index";
  static final String ID = "id";
  static final String INPUT = "input";
  static final String INSTRUCTION = "instruction";
  static final String REFERENCES = "references";

  /** Token ids of the source. */
  public static final String SOURCE_IDS = "source_ids";

  /** Token ids of the target. */
  public static final String TARGET_IDS = "target_ids";

  /** Names of the two inner levels of a list. */
  static final String LIST = "list";

  static final String ELEMENT = "element";

  static final MessageType ALL =
      new MessageType(
          "example",
          Types.required(PrimitiveTypeName.INT64).named(INDEX),
          text(ID),
          text(INPUT),
          Types.requiredList().element(text(ELEMENT)).named(REFERENCES),
          numbers(SOURCE_IDS),
          numbers(TARGET_IDS));

  /** Those of a split in which an instance has an instruction of its own. */
  static final MessageType INSTRUCTED = instructed();

  private static final MessageType TRAINING =
      new MessageType(
          ALL.getName(),
          ALL.getType(INDEX),
          ALL.getType(ID),
          ALL.getType(SOURCE_IDS),
          ALL.getType(TARGET_IDS));

  private static final MessageType WITH_REFERENCES = withReferences();

  private ShardSchema() {}

  /**
   * The columns to read.
   *
   * @param found those of the file
   */
  static MessageType of(Projection projection, MessageType found) {
    return switch (projection) {
      case ALL -> found.containsField(INSTRUCTION) ? INSTRUCTED : ALL;
      case TRAINING -> TRAINING;
      case REFERENCES -> WITH_REFERENCES;
    };
  }

  private static MessageType instructed() {
    return with(ALL, text(INSTRUCTION));
  }

  private static MessageType withReferences() {
    return with(TRAINING, ALL.getType(REFERENCES));
  }

  private static MessageType with(MessageType some, Type more) {
    var columns = new ArrayList<>(some.getFields());
    columns.add(more);
    return new MessageType(ALL.getName(), columns);
  }

  private static Type text(String name) {
    return Types.required(PrimitiveTypeName.BINARY)
        .as(LogicalTypeAnnotation.stringType())
        .named(name);
  }

  private static Type numbers(String name) {
    return Types.requiredList().requiredElement(PrimitiveTypeName.INT32).named(name);
  }
}
