package org.dapt.data.shard;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.io.api.RecordMaterializer;
import org.apache.parquet.schema.MessageType;

/** Assembles {@link TokenisedExample}s from the columns of a projection. */
final class ExampleMaterializer extends RecordMaterializer<TokenisedExample> {
  private static final int[] NONE = {};

  private final Row row = new Row();
  private final GroupConverter root;

  ExampleMaterializer(MessageType projection) {
    var converters =
        projection.getFields().stream().map(field -> row.converter(field.getName())).toList();
    root =
        new Group(converters) {
          @Override
          public void start() {
            row.clear();
          }
        };
  }

  @Override
  public TokenisedExample getCurrentRecord() {
    return new TokenisedExample(
        row.index,
        row.id,
        row.input,
        row.references,
        row.sourceIds.toArray(),
        row.targetIds.toArray(),
        row.instruction);
  }

  @Override
  public GroupConverter getRootConverter() {
    return root;
  }

  /** The values of the row that is being assembled. */
  private static final class Row {
    private long index;
    private String id = "";
    private String input = "";
    private String instruction = "";
    private final List<String> references = new ArrayList<>();
    private final Ids sourceIds = new Ids();
    private final Ids targetIds = new Ids();

    void clear() {
      references.clear();
      sourceIds.size = 0;
      targetIds.size = 0;
    }

    Converter converter(String column) {
      return switch (column) {
        case ShardSchema.INDEX ->
            new PrimitiveConverter() {
              @Override
              public void addLong(long value) {
                index = value;
              }
            };
        case ShardSchema.ID ->
            new PrimitiveConverter() {
              @Override
              public void addBinary(Binary value) {
                id = value.toStringUsingUTF8();
              }
            };
        case ShardSchema.INPUT ->
            new PrimitiveConverter() {
              @Override
              public void addBinary(Binary value) {
                input = value.toStringUsingUTF8();
              }
            };
        case ShardSchema.INSTRUCTION ->
            new PrimitiveConverter() {
              @Override
              public void addBinary(Binary value) {
                instruction = value.toStringUsingUTF8();
              }
            };
        case ShardSchema.REFERENCES ->
            list(
                new PrimitiveConverter() {
                  @Override
                  public void addBinary(Binary value) {
                    references.add(value.toStringUsingUTF8());
                  }
                });
        case ShardSchema.SOURCE_IDS -> list(sourceIds);
        case ShardSchema.TARGET_IDS -> list(targetIds);
        default -> throw new IllegalArgumentException("No column " + column);
      };
    }

    private static Converter list(Converter element) {
      return new Group(List.of(new Group(List.of(element))));
    }
  }

  private static class Group extends GroupConverter {
    private final List<Converter> fields;

    Group(List<Converter> fields) {
      this.fields = fields;
    }

    @Override
    public Converter getConverter(int field) {
      return fields.get(field);
    }

    @Override
    public void start() {}

    @Override
    public void end() {}
  }

  private static final class Ids extends PrimitiveConverter {
    private int[] values = new int[64];
    private int size;

    @Override
    public void addInt(int value) {
      if (size == values.length) {
        values = Arrays.copyOf(values, 2 * size);
      }
      values[size++] = value;
    }

    int[] toArray() {
      return size == 0 ? NONE : Arrays.copyOf(values, size);
    }
  }
}
