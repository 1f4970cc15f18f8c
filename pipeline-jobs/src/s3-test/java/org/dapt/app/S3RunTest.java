package org.dapt.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.dapt.error.LeaseException;
import org.dapt.run.Lease;
import org.dapt.run.LeaseTimes;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs on an S3-compatible object store through Hadoop's S3A. */
class S3RunTest {
  private static final List<String> TWO = List.of("colour", "order");
  private static final String BUCKET = "s3a://bucket";

  @TempDir private static Path folder;
  private static S3Server server;
  private static FileSystem files;

  @BeforeAll
  static void start() throws Exception {
    server = new S3Server(folder);
    Configuration conf = new Configuration();
    for (String setting : server.settings()) {
      String[] pair = setting.substring("spark.hadoop.".length()).replace("\"", "").split("=", 2);
      conf.set(pair[0], pair[1]);
    }
    files = FileSystem.newInstance(URI.create(BUCKET), conf);
  }

  @AfterAll
  static void stop() throws Exception {
    files.close();
    server.close();
  }

  @Test
  void aRunIsTheSameAsOnLocalFilesAndIsDoneOnce() throws Exception {
    TestRun run =
        TestRun.in(folder, TWO, "tasks.shards = 2").with(server.settings().toArray(new String[0]));
    TestRun.Ended local = run.run("run");
    assertThat(local.code()).as(local.err()).isZero();

    FileUtil.copy(folder.resolve("tasks").toFile(), files, path("/tasks"), false, files.getConf());
    TestRun remote = run.with("run.dir=" + BUCKET + "/run", "tasks.root=" + BUCKET + "/tasks");
    TestRun.Ended first = remote.with("tasks.order=[colour]").run("run");
    assertThat(first.err()).doesNotContain("unexpected");
    assertThat(first.code()).as(first.err()).isZero();
    TestRun.Ended second = remote.run("run");
    assertThat(second.code()).as(second.err()).isZero();

    assertThat(second.matrix()).isEqualTo(local.matrix());
    RemoteRun there = new RemoteRun(files, path(BUCKET + "/run"));
    there.assertLearntAs(folder.resolve("run"));

    Map<String, Long> before = there.finishedFiles();
    TestRun.Ended third = remote.run("run");
    assertThat(third.code()).as(third.err()).isZero();
    assertThat(third.out()).isEqualTo(second.out());
    assertThat(there.finishedFiles()).isEqualTo(before);
  }

  @Test
  void secretsAreNeitherLoggedNorStored() throws Exception {
    TestRun run =
        TestRun.in(folder.resolve("secret"), List.of("colour"))
            .with(server.settings().toArray(new String[0]))
            .with("spark.hadoop.fs.s3a.secret.key=hush-hush");
    TestRun.Ended ended = run.run("prepare");
    assertThat(ended.code()).isZero();
    assertThat(ended.err() + ended.out()).doesNotContain("hush-hush");
    assertThat(Files.readString(folder.resolve("secret/run/config.conf")))
        .doesNotContain("hush-hush");
  }

  /** The store has no exclusive creation: a newcomer looks again whether it is alone. */
  @Test
  void ofNewcomersAtOnceOneAtMostHoldsTheLease() throws Exception {
    LeaseTimes times =
        new LeaseTimes(Duration.ofMillis(500), Duration.ofSeconds(5), Duration.ofSeconds(1));
    int newcomers = 6;
    for (int round = 0; round < 3; round++) {
      org.apache.hadoop.fs.Path file = path("/busy-" + round + "/lease");
      CyclicBarrier together = new CyclicBarrier(newcomers);
      Callable<Lease> newcomer =
          () -> {
            together.await();
            try {
              return Lease.acquire(files, file, times);
            } catch (LeaseException e) {
              return null;
            }
          };
      ExecutorService threads = Executors.newFixedThreadPool(newcomers);
      List<Lease> held = new ArrayList<>();
      try {
        List<Future<Lease>> all = new ArrayList<>();
        for (int i = 0; i < newcomers; i++) {
          all.add(threads.submit(newcomer));
        }
        for (Future<Lease> one : all) {
          if (one.get() != null) {
            held.add(one.get());
          }
        }
        assertThat(held).hasSizeLessThanOrEqualTo(1);
        held.forEach(Lease::check);
      } finally {
        threads.shutdownNow();
        held.forEach(Lease::close);
      }
    }
  }

  private static org.apache.hadoop.fs.Path path(String path) {
    return new org.apache.hadoop.fs.Path(path);
  }
}
