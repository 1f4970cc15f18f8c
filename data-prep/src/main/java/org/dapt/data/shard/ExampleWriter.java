package org.dapt.data.shard;

import java.io.IOException;
import java.util.Map;
import java.util.function.IntConsumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;

/** Writes a Parquet file of {@link TokenisedExample}s. Equal rows give equal bytes. */
public final class ExampleWriter {
  /**
   * Small row groups, so that a shard can be read in shuffled order with little memory: about 1,000
   * rows of full length.
   */
  private static final long ROW_GROUP_BYTES = 4L << 20;

  private ExampleWriter() {}

  /** A writer to {@code file}, which must not exist yet. Pages carry checksums. */
  public static ParquetWriter<TokenisedExample> create(Configuration hadoop, Path file)
      throws IOException {
    return create(hadoop, file, false);
  }

  /**
   * As above.
   *
   * @param instructed whether there is a column for instructions of the rows' own
   */
  public static ParquetWriter<TokenisedExample> create(
      Configuration hadoop, Path file, boolean instructed) throws IOException {
    return create(hadoop, file, ROW_GROUP_BYTES, instructed);
  }

  static ParquetWriter<TokenisedExample> create(Configuration hadoop, Path file, long rowGroupBytes)
      throws IOException {
    return create(hadoop, file, rowGroupBytes, false);
  }

  private static ParquetWriter<TokenisedExample> create(
      Configuration hadoop, Path file, long rowGroupBytes, boolean instructed) throws IOException {
    return new Builder(new OrderedFooter(HadoopOutputFile.fromPath(file, hadoop)), instructed)
        .withConf(hadoop)
        .withRowGroupSize(rowGroupBytes)
        .withCompressionCodec(CompressionCodecName.SNAPPY)
        .withPageWriteChecksumEnabled(true)
        .build();
  }

  private static final class Builder extends ParquetWriter.Builder<TokenisedExample, Builder> {
    private final boolean instructed;

    Builder(OutputFile file, boolean instructed) {
      super(file);
      this.instructed = instructed;
    }

    @Override
    protected Builder self() {
      return this;
    }

    @Override
    protected WriteSupport<TokenisedExample> getWriteSupport(Configuration hadoop) {
      return new Support(instructed);
    }
  }

  private static final class Support extends WriteSupport<TokenisedExample> {
    private final boolean instructed;
    private RecordConsumer out;
    private int column;

    Support(boolean instructed) {
      this.instructed = instructed;
    }

    @Override
    public WriteContext init(Configuration hadoop) {
      return new WriteContext(instructed ? ShardSchema.INSTRUCTED : ShardSchema.ALL, Map.of());
    }

    @Override
    public void prepareForWrite(RecordConsumer consumer) {
      out = consumer;
    }

    @Override
    public void write(TokenisedExample row) {
      column = 0;
      out.startMessage();
      field(ShardSchema.INDEX, () -> out.addLong(row.index()));
      field(ShardSchema.ID, () -> out.addBinary(Binary.fromString(row.id())));
      field(ShardSchema.INPUT, () -> out.addBinary(Binary.fromString(row.input())));
      var references = row.references();
      list(
          ShardSchema.REFERENCES,
          references.size(),
          i -> out.addBinary(Binary.fromString(references.get(i))));
      list(ShardSchema.SOURCE_IDS, row.sourceIds().length, i -> out.addInteger(row.sourceIds()[i]));
      list(ShardSchema.TARGET_IDS, row.targetIds().length, i -> out.addInteger(row.targetIds()[i]));
      if (instructed) {
        field(ShardSchema.INSTRUCTION, () -> out.addBinary(Binary.fromString(row.instruction())));
      }
      out.endMessage();
    }

    private void field(String name, Runnable value) {
      out.startField(name, column);
      value.run();
      out.endField(name, column);
      column++;
    }

    private void list(String name, int size, IntConsumer element) {
      field(
          name,
          () -> {
            out.startGroup();
            // Parquet writes an empty list as a group without its inner field.
            if (size > 0) {
              out.startField(ShardSchema.LIST, 0);
              for (var i = 0; i < size; i++) {
                out.startGroup();
                out.startField(ShardSchema.ELEMENT, 0);
                element.accept(i);
                out.endField(ShardSchema.ELEMENT, 0);
                out.endGroup();
              }
              out.endField(ShardSchema.LIST, 0);
            }
            out.endGroup();
          });
    }
  }
}
