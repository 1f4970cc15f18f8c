package org.dapt.app;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;

/** An S3-compatible server (Adobe's S3Mock) in a process of its own. */
final class S3Server implements AutoCloseable {
  private static final long PATIENCE_MS = 120_000;

  private final Process process;
  private final int port;

  S3Server(Path folder) throws IOException, InterruptedException {
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-jar",
                System.getProperty("dapt.s3mock"),
                "--server.address=127.0.0.1",
                "--server.port=0",
                "--com.adobe.testing.s3mock.httpPort=" + port,
                "--com.adobe.testing.s3mock.domain.root=" + folder.resolve("s3"))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("s3.log").toFile())
            .start();
    try {
      createBucket();
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  /** What Hadoop has to know of the server, as settings of a command. */
  List<String> settings() {
    return List.of(
        "spark.hadoop.fs.s3a.endpoint=\"" + address() + "\"",
        "spark.hadoop.fs.s3a.path.style.access=true",
        // This server does not take the unquoted ETag of Hadoop's client as a condition.
        "spark.hadoop.fs.s3a.change.detection.mode=client",
        "spark.hadoop.fs.s3a.access.key=key",
        "spark.hadoop.fs.s3a.secret.key=secret");
  }

  String address() {
    return "http://127.0.0.1:" + port;
  }

  private void createBucket() throws IOException, InterruptedException {
    HttpClient client = HttpClient.newHttpClient();
    HttpRequest bucket =
        HttpRequest.newBuilder(URI.create(address() + "/bucket"))
            .PUT(HttpRequest.BodyPublishers.noBody())
            .build();
    long start = System.currentTimeMillis();
    while (true) {
      try {
        int status = client.send(bucket, BodyHandlers.discarding()).statusCode();
        if (status == 200) {
          return;
        }
        throw new IOException("the S3 server answers " + status);
      } catch (java.net.ConnectException e) {
        if (!process.isAlive() || System.currentTimeMillis() - start > PATIENCE_MS) {
          throw e;
        }
        Thread.sleep(200);
      }
    }
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    process.waitFor();
  }
}
