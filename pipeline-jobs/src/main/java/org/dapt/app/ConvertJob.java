package org.dapt.app;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.dapt.convert.ConversionRecord;
import org.dapt.convert.GgufConversion;
import org.dapt.data.file.AtomicFile;
import org.dapt.data.file.JsonFile;
import org.dapt.data.file.PlainFiles;
import org.dapt.digest.Sha256;
import org.dapt.error.ConfigException;
import org.dapt.error.Shown;
import org.dapt.io.JsonObjects.DamagedException;
import org.dapt.io.gguf.GgufFile;
import org.dapt.job.OutputFolder;

/**
 * Makes a model folder out of a GGUF file. The folder appears whole or not at all; where it is the
 * conversion of the same file already, nothing is done.
 */
public final class ConvertJob {
  private static final int CHUNK = 1 << 20;

  private final java.nio.file.Path source;
  private final Path output;
  private final Configuration hadoop;
  private final FileSystem files;

  /**
   * @param source a GGUF file of the local file system
   * @param output the folder, on any Hadoop file system
   * @throws ConfigException if the folder cannot be reached
   */
  public ConvertJob(java.nio.file.Path source, String output, Configuration hadoop) {
    this.source = source;
    this.hadoop = hadoop;
    Path path = new Path(output);
    try {
      files = PlainFiles.of(path, hadoop);
      this.output = files.makeQualified(path);
    } catch (IOException e) {
      throw unusable(path, e);
    }
  }

  /**
   * Converts.
   *
   * @return false if the folder is the conversion of the same file already
   * @throws ConfigException if something else is at the place of the folder, or it cannot be
   *     written
   * @throws org.dapt.error.InputException if the file cannot be converted
   */
  public boolean run() {
    try (GgufFile file = GgufFile.open(source)) {
      ConversionRecord earlier = earlier();
      String digest = file.sha256();
      if (earlier != null) {
        requireSame(earlier, digest);
        return false;
      }
      write(new GgufConversion(file), digest);
      return true;
    } catch (IOException e) {
      throw unusable(output, e);
    }
  }

  /** What the folder was made of; null where nothing is there. */
  private ConversionRecord earlier() throws IOException {
    try {
      return ConversionRecord.read(JsonFile.read(files, new Path(output, ConversionRecord.FILE)));
    } catch (FileNotFoundException e) {
      OutputFolder.free(hadoop, output.toString());
      return null;
    } catch (DamagedException e) {
      throw new ConfigException(
          "--output %s has a %s that is not readable: %s. Give a folder that is empty or does not exist."
              .formatted(output, ConversionRecord.FILE, e.getMessage()),
          e);
    }
  }

  private void requireSame(ConversionRecord earlier, String digest) throws IOException {
    if (!earlier.sourceSha256().equals(digest)) {
      throw new ConfigException(
          "--output %s was converted from another file, %s (SHA-256 %s), not from %s (%s). Give a folder that is empty or does not exist."
              .formatted(
                  output,
                  Shown.of(earlier.source()),
                  Shown.of(earlier.sourceSha256()),
                  source,
                  digest));
    }
    for (Map.Entry<String, String> file : earlier.files().entrySet()) {
      if (!file.getValue().equals(digest(new Path(output, file.getKey())))) {
        throw new ConfigException(
            "--output %s was converted from %s, but its %s is missing or was changed since. Delete the folder and convert again."
                .formatted(output, source, Shown.of(file.getKey())));
      }
    }
  }

  private void write(GgufConversion conversion, String digest) throws IOException {
    Path temporary = AtomicFile.temporaryFor(output);
    try {
      files.mkdirs(temporary);
      // Where the process is interrupted.
      files.deleteOnExit(temporary);
      SortedMap<String, String> digests = new TreeMap<>();
      for (Map.Entry<String, byte[]> file : conversion.files().entrySet()) {
        digests.put(
            file.getKey(),
            write(new Path(temporary, file.getKey()), out -> out.write(file.getValue())));
      }
      digests.put(
          GgufConversion.WEIGHTS,
          write(new Path(temporary, GgufConversion.WEIGHTS), conversion::writeWeights));
      ConversionRecord record =
          new ConversionRecord(source.getFileName().toString(), digest, digests);
      write(new Path(temporary, ConversionRecord.FILE), out -> out.write(record.bytes()));
      // An empty folder would make some file systems move into it.
      OutputFolder.free(hadoop, output.toString());
      files.delete(output, false);
      if (!files.rename(temporary, output)) {
        throw new IOException("the folder " + temporary + " could not be renamed");
      }
    } finally {
      files.delete(temporary, true);
    }
  }

  private interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /** Writes a file and returns its digest. */
  private String write(Path file, Content content) throws IOException {
    MessageDigest digest = Sha256.start();
    try (OutputStream out = new DigestOutputStream(files.create(file, false), digest)) {
      content.writeTo(out);
    }
    return Sha256.hex(digest);
  }

  /** The digest of a file; empty where there is none. */
  private String digest(Path file) throws IOException {
    try (InputStream in = files.open(file)) {
      MessageDigest digest = Sha256.start();
      byte[] chunk = new byte[CHUNK];
      for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
        digest.update(chunk, 0, read);
      }
      return Sha256.hex(digest);
    } catch (FileNotFoundException e) {
      return "";
    }
  }

  private static ConfigException unusable(Path path, IOException e) {
    return new ConfigException(
        "--output %s cannot be written: %s. Give a folder that can be created and written."
            .formatted(path, e.getMessage()),
        e);
  }
}
