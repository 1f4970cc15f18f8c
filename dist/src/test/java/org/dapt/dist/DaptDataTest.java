package org.dapt.dist;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The script that fetches the data of benchmarks, with a list and a server of the test's own. */
class DaptDataTest {
  private static final Path SCRIPTS = Path.of(System.getProperty("dapt.home"), "submit-scripts");
  private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

  @TempDir private Path folder;
  private Path script;
  private Path output;
  private HttpServer server;
  private final Map<String, byte[]> served = new ConcurrentHashMap<>();
  private final List<String> asked = new ArrayList<>();

  private record Ended(int code, String out, String err) {}

  @BeforeEach
  void listAndServer() throws Exception {
    script = Files.createDirectories(folder.resolve("home/submit-scripts")).resolve("dapt-data");
    Files.copy(SCRIPTS.resolve("dapt-data"), script);
    Files.copy(SCRIPTS.resolve("dapt-env"), script.resolveSibling("dapt-env"));
    output = folder.resolve("home/data/small");
    StringBuilder list = new StringBuilder("set\tfile\trepository\tcommit\tpath\tgit_blob\n");
    for (String task : List.of("one", "two")) {
      String path = "Some/" + task + "/train.json";
      list.append(
          String.join("\t", "small", task + "/train.json", "a/b", COMMIT, path, blob(content(task)))
              + "\n");
      served.put("/a/b/" + COMMIT + "/" + path, content(task));
    }
    list.append(String.join("\t", "other", "x.json", "a/b", COMMIT, "x.json", blob(content("x"))));
    Path index = script.getParent().resolveSibling("conf/benchmarks/data.tsv");
    Files.createDirectories(index.getParent());
    Files.writeString(index, list + "\n");
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().getRawPath();
          synchronized (asked) {
            asked.add(path);
          }
          byte[] body = served.get(path);
          exchange.sendResponseHeaders(body == null ? 404 : 200, body == null ? -1 : body.length);
          if (body != null) {
            exchange.getResponseBody().write(body);
          }
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void fetchesWhatIsMissingAndChecksIt() throws Exception {
    Ended ended = data("small");
    assertThat(ended.code()).as(ended.err()).isZero();
    assertThat(ended.out()).contains("small in " + output + ": 2 files", "(2 new)");
    assertThat(output.resolve("one/train.json")).hasBinaryContent(content("one"));
    assertThat(asked).hasSize(2);
    // What is there is left alone, and what was changed is fetched again.
    assertThat(data("small").out()).contains("2 files, all as they should be (0 new)");
    assertThat(asked).hasSize(2);
    Files.writeString(output.resolve("two/train.json"), "changed");
    Ended check = data("small", "--check");
    assertThat(check.code()).isEqualTo(3);
    assertThat(check.err())
        .contains("two/train.json has the digest", "expected " + blob(content("two")));
    assertThat(output.resolve("two/train.json")).hasContent("changed");
    assertThat(data("small").out()).contains("(1 new)");
    assertThat(data("small", "--check").code()).isZero();
  }

  @Test
  void anotherFileIsRefusedAndNothingHalfStays() throws Exception {
    served.replaceAll((path, body) -> path.contains("two") ? content("wrong") : body);
    Ended ended = data("small");
    assertThat(ended.code()).isEqualTo(3);
    assertThat(ended.err()).contains("two/train.json has the digest", "1 are as they should be");
    assertThat(output.resolve("two")).doesNotExist();
  }

  @Test
  void whatCannotBeFetchedIsNamedAndTheRestStays() throws Exception {
    served.keySet().removeIf(path -> path.contains("two"));
    Ended ended = data("small");
    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.err())
        .contains(
            "could not be fetched", "https://github.com/a/b", "--from DIR", "The 1 files so far");
    assertThat(output.resolve("one/train.json")).exists();
    assertThat(data("small", "--check").err()).contains("two/train.json is missing");
  }

  @ParameterizedTest
  @CsvSource({"'Some/', false", "'Some/', true", "'', false", "'', true"})
  void aCopyOfTheRepositoryOrOfTheSetWillDo(String below, boolean compressed) throws Exception {
    for (String task : List.of("one", "two")) {
      Path file =
          folder.resolve("copy/" + below + task + "/train.json" + (compressed ? ".gz" : ""));
      Files.createDirectories(file.getParent());
      Files.write(file, compressed ? gzip(content(task)) : content(task));
    }
    Ended ended = data("small", "--from", folder.resolve("copy").toString());
    assertThat(ended.code()).as(ended.err()).isZero();
    assertThat(output.resolve("two/train.json")).hasBinaryContent(content("two"));
    assertThat(asked).isEmpty();
    Ended lacks = data("other", "--from", folder.resolve("copy").toString());
    assertThat(lacks.code()).isEqualTo(3);
    assertThat(lacks.err()).contains("has neither x.json");
  }

  @Test
  void setsAreListed() throws Exception {
    assertThat(data("--list").out())
        .contains("small: 2 files of https://github.com/a/b/tree/" + COMMIT, "other: 1 files");
    assertThat(data("--help").out()).contains("dapt-data superni", "--from DIR", "DAPT_DATA_URL");
  }

  @ParameterizedTest
  @CsvSource({
    "'', the name of a set is expected: one of other small",
    "none, the set none is not known; known are other small",
    "small other, other is a second one",
    "small --form x, unknown option --form",
    "small --from, --from needs a value",
    "small --from none, --from none is not a folder",
    "small --check --from ., exclude each other",
  })
  void whatIsTypedWrongIsNamed(String arguments, String message) throws Exception {
    Ended ended = data(arguments.isEmpty() ? new String[0] : arguments.split(" "));
    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.err()).contains(message);
    assertThat(asked).isEmpty();
  }

  private static byte[] content(String task) {
    return ("{\"Definition\": \"" + task + " é\"}\n").getBytes(StandardCharsets.UTF_8);
  }

  /** As git names a file. */
  private static String blob(byte[] content) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-1");
    digest.update(("blob " + content.length + "\0").getBytes(StandardCharsets.US_ASCII));
    return HexFormat.of().formatHex(digest.digest(content));
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      out.write(content);
    }
    return bytes.toByteArray();
  }

  private Ended data(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("bash", script.toString()));
    command.addAll(List.of(arguments));
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().put("DAPT_DATA_URL", "http://127.0.0.1:" + server.getAddress().getPort());
    int code = builder.start().waitFor();
    return new Ended(code, Files.readString(out), Files.readString(err));
  }
}
