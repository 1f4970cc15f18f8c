package org.dapt.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;

/** Task files made by hand. */
public final class TaskFolders {
  /** Definition of the tasks. */
  public static final String DEFINITION = "Say whether the number is odd or even.";

  private TaskFolders() {}

  /** A file with the instances {@code from} to {@code to − 1}. */
  public static String json(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(TaskFolders::instance)
        .collect(
            Collectors.joining(
                ",\n",
                "{\"Definition\": [\" %s \\n\"], \"Instances\": [\n".formatted(DEFINITION),
                "]}\n"));
  }

  private static String instance(int number) {
    return "{\"id\": \"n-%d\", \"input\": \"%s\", \"output\": [\"%s\", \"%<s number\"]}"
        .formatted(number, input(number), number % 2 == 0 ? "even" : "odd");
  }

  /** Input of the instance with this number. */
  public static String input(int number) {
    return "The number is " + number + ".";
  }

  /** Writes {@code text}, and its folders. */
  public static Path write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  /** Writes {@code text} compressed, and its folders. */
  public static Path writeGzip(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    return Files.write(file, gzip(text));
  }

  /** {@code text} compressed. */
  public static byte[] gzip(String text) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }
}
