package org.dapt.data.reader;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.List;
import java.util.SortedMap;
import java.util.function.UnaryOperator;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.dapt.data.file.ReadableFile;
import org.dapt.digest.Sha256;
import org.dapt.error.InputException;
import org.dapt.io.LfsPointer;
import org.dapt.metric.AnswerMetric;

/**
 * The file of one split on any Hadoop file system, plain or gzip. Which of the two it is, its first
 * bytes say: the name is not asked.
 *
 * @param uri where it lies
 */
public record TaskFile(String uri) implements Serializable {
  private static final int BUFFER = 1 << 16;
  private static final int GZIP_FIRST = 0x1f;
  private static final int GZIP_SECOND = 0x8b;

  /**
   * What may not be as its author meant it, though it can be read.
   *
   * @param instructed instances with an instruction of their own
   * @param bare instances with neither input nor instruction
   * @param unseen instances without a reference that the metric sees anything of
   * @param passedOver how often fields that are not read have a value with text in it, by name
   */
  public record Oddities(
      long instructed, long bare, long unseen, SortedMap<String, Long> passedOver) {}

  /**
   * Rows of a file that are no instances.
   *
   * @param count how many
   * @param nobodys how many of them are of no task or split that is known
   * @param unlabelled how many of them lack their answer alone
   * @param shown what is wrong with the first ones, each with its place within the file
   */
  public record BadRows(long count, long nobodys, long unlabelled, List<String> shown) {
    /** How many are shown. */
    public static final int SHOWN = 5;

    /** How many are of the task and split that are read. */
    public long own() {
      return count - nobodys;
    }
  }

  /**
   * What a pass over a file found out.
   *
   * @param name the file's name without its folder
   * @param bytes size of the file as it lies there
   * @param sha256 digest of the file as it lies there
   * @param contentSha256 digest of its uncompressed bytes
   * @param instancesSha256 digest of the instructions, inputs and references in order, whatever the
   *     JSON around them looks like
   * @param instances how many instances it has
   * @param others how many sound rows it has of other tasks or splits
   * @param definition definition of the task, empty if there is none
   * @param oddities what users should know of
   * @param badRows rows that are no instances
   */
  public record Facts(
      String name,
      long bytes,
      String sha256,
      String contentSha256,
      String instancesSha256,
      long instances,
      long others,
      String definition,
      Oddities oddities,
      BadRows badRows) {
    /** Whether the two files hold the same instances in the same order. */
    public boolean sameInstances(Facts other) {
      return contentSha256.equals(other.contentSha256)
          || instancesSha256.equals(other.instancesSha256);
    }
  }

  /**
   * Hands every instance to {@code sink}.
   *
   * @return the definition of the task, empty if there is none
   * @throws InputException if the file is missing, damaged, or not as the format asks for
   */
  public String read(Configuration hadoop, TaskReader reader, InstanceSink sink)
      throws IOException {
    return pass(hadoop, reader, sink, null, null);
  }

  /**
   * Reads the whole file once and checks every instance.
   *
   * @param metric by which answers are compared with the references
   * @throws InputException as {@link #read}
   */
  public Facts inspect(Configuration hadoop, TaskReader reader, AnswerMetric metric) {
    return inspect(hadoop, reader, metric, UnaryOperator.identity());
  }

  /**
   * The same.
   *
   * @param check what is put before the counting, to find bad rows that can be read
   * @throws InputException as {@link #read}
   */
  public Facts inspect(
      Configuration hadoop,
      TaskReader reader,
      AnswerMetric metric,
      UnaryOperator<InstanceSink> check) {
    try {
      return inspectOrFail(hadoop, reader, metric, check);
    } catch (IOException e) {
      throw new InputException("%s cannot be read: %s".formatted(uri, e.getMessage()), e);
    }
  }

  private Facts inspectOrFail(
      Configuration hadoop,
      TaskReader reader,
      AnswerMetric metric,
      UnaryOperator<InstanceSink> check)
      throws IOException {
    var raw = Sha256.start();
    var content = Sha256.start();
    var tally = new InstanceTally(metric);
    var definition = pass(hadoop, reader, check.apply(tally), raw, content);
    var path = new Path(uri);
    var bytes = path.getFileSystem(hadoop).getFileStatus(path).getLen();
    return new Facts(
        path.getName(),
        bytes,
        Sha256.hex(raw),
        Sha256.hex(content),
        tally.sha256(),
        tally.instances(),
        tally.others(),
        definition,
        tally.oddities(),
        tally.badRows());
  }

  /**
   * The uncompressed content, to be closed by the caller.
   *
   * @throws InputException if there is no such file, or a pointer of Git LFS in its place
   */
  public InputStream open(Configuration hadoop) throws IOException {
    var path = new Path(uri);
    try {
      return uncompressed(
          new BufferedInputStream(ReadableFile.open(path.getFileSystem(hadoop), path), BUFFER));
    } catch (FileNotFoundException e) {
      throw missing(e);
    }
  }

  /**
   * Hands the file to {@code reader}.
   *
   * @param raw takes the bytes as they lie there; null for none
   * @param content takes the uncompressed ones; null together with {@code raw}
   */
  private String pass(
      Configuration hadoop,
      TaskReader reader,
      InstanceSink sink,
      MessageDigest raw,
      MessageDigest content)
      throws IOException {
    var path = new Path(uri);
    try (var file = digested(ReadableFile.open(path.getFileSystem(hadoop), path), raw);
        var buffered = new BufferedInputStream(file, BUFFER);
        var text = digested(uncompressed(buffered), content)) {
      var definition = reader.read(text, uri, sink);
      if (raw != null) {
        // A reader may open the file for itself.
        text.transferTo(OutputStream.nullOutputStream());
        buffered.transferTo(OutputStream.nullOutputStream());
      }
      return definition;
    } catch (FileNotFoundException e) {
      throw missing(e);
    } catch (EOFException | ZipException e) {
      throw damaged(e);
    }
  }

  private static InputStream digested(InputStream in, MessageDigest digest) {
    return digest == null ? in : new DigestInputStream(in, digest);
  }

  /** The failure for a file whose {@link #open content} ended with {@code cause}. */
  public InputException damaged(IOException cause) {
    return new InputException(
        "%s is damaged (%s): its gzip stream does not decompress. Fetch the file again."
            .formatted(uri, cause.getMessage()),
        cause);
  }

  private InputException missing(FileNotFoundException cause) {
    return new InputException(uri + " does not exist: expected a task file there.", cause);
  }

  private InputStream uncompressed(BufferedInputStream in) throws IOException {
    in.mark(LfsPointer.LENGTH);
    LfsPointer.refuse(in.readNBytes(LfsPointer.LENGTH), uri);
    in.reset();
    in.mark(2);
    var gzip = in.read() == GZIP_FIRST && in.read() == GZIP_SECOND;
    in.reset();
    return gzip ? new GZIPInputStream(in, BUFFER) : in;
  }
}
