package org.dapt.sink;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.time.Instant;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.dapt.data.file.PlainFiles;

/**
 * Writes scalars as TensorBoard event files into a folder of the run's own, one file a command:
 * TensorBoard reads them in the order of their names, which begin with the time.
 */
final class TensorBoardSink implements MetricSink {
  private static final String PREFIX = "events.out.tfevents.";

  private final Path logs;
  private final Map<String, BitSet> held = new HashMap<>();
  private Path folder;
  private FileSystem files;
  private OutputStream out;

  TensorBoardSink(String logs) {
    this.logs = new Path(logs);
  }

  @Override
  public String name() {
    return "the TensorBoard files in " + logs;
  }

  @Override
  public void open(SinkRun run) throws IOException {
    close(false);
    held.clear();
    folder = new Path(logs, run.shownName());
    files = PlainFiles.of(folder, run.hadoop());
    files.mkdirs(folder);
    for (FileStatus file : files.listStatus(folder)) {
      if (file.isFile() && file.getPath().getName().startsWith(PREFIX)) {
        read(file.getPath());
      }
    }
  }

  private void read(Path file) throws IOException {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(files.open(file), 1 << 16))) {
      for (byte[] message = EventRecord.read(in); message != null; message = EventRecord.read(in)) {
        EventRecord.Place place = EventRecord.place(message);
        if (place != null) {
          held(place.tag()).set(place.step());
        }
      }
    } catch (IOException e) {
      throw new IOException("The event file " + file + " cannot be read: " + e.getMessage(), e);
    }
  }

  @Override
  public BitSet held(String series) {
    return held.computeIfAbsent(series, any -> new BitSet());
  }

  @Override
  public void write(List<MetricPoint> points) throws IOException {
    if (out == null) {
      begin();
    }
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    for (MetricPoint point : points) {
      records.writeBytes(
          EventRecord.scalar(seconds(point.time()), point.step(), point.series(), point.value()));
    }
    SinkFile.write(out, records.toByteArray());
  }

  /** A command that has nothing new to say leaves no file. */
  private void begin() throws IOException {
    Instant now = Instant.now();
    String name =
        String.format(
            Locale.ROOT,
            "%s%010d.%s.%d.%d",
            PREFIX,
            now.getEpochSecond(),
            host(),
            ProcessHandle.current().pid(),
            System.nanoTime());
    out = files.create(new Path(folder, name), false);
    SinkFile.write(out, EventRecord.version(seconds(now)));
  }

  @Override
  public void close(boolean succeeded) throws IOException {
    if (out != null) {
      out.close();
      out = null;
    }
  }

  private static double seconds(Instant time) {
    return time.toEpochMilli() / 1e3;
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9-]", "-");
    } catch (IOException e) {
      return "localhost";
    }
  }
}
