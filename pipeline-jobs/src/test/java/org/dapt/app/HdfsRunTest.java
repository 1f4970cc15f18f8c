package org.dapt.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.HdfsConfiguration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.util.VersionInfo;
import org.dapt.run.Lease;
import org.dapt.run.LeaseTimes;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs on a real HDFS with two datanodes, each block on both. */
class HdfsRunTest {
  private static final List<String> TWO = List.of("colour", "order");

  @TempDir private static Path folder;
  private static MiniDFSCluster cluster;
  private static FileSystem files;

  @BeforeAll
  static void start() throws IOException {
    Configuration conf = new HdfsConfiguration();
    conf.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.resolve("hdfs").toString());
    cluster = new MiniDFSCluster.Builder(conf).numDataNodes(2).build();
    cluster.waitActive();
    files = cluster.getFileSystem();
  }

  @AfterAll
  static void stop() {
    cluster.shutdown();
  }

  @Test
  void theServersAreOfTheVersionOfSparksClient() throws IOException {
    String pom = "META-INF/maven/org.apache.hadoop/hadoop-client-minicluster/pom.properties";
    try (var in = MiniDFSCluster.class.getClassLoader().getResourceAsStream(pom)) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
          .contains("version=" + VersionInfo.getVersion());
    }
  }

  /** The namenode goes on to offer the stopped datanode for ten minutes. */
  @Test
  void aRunIsTheSameAsOnLocalFilesAndOutlivesADatanode() throws Exception {
    TestRun run =
        TestRun.in(folder, TWO, "tasks.shards = 2").with("spark.hadoop.dfs.replication=2");
    TestRun.Ended local = run.run("run");
    assertThat(local.code()).isZero();

    files.copyFromLocalFile(hdfs(folder.resolve("tasks").toString()), hdfs("/tasks"));
    TestRun remote = run.with("run.dir=" + uri("/run"), "tasks.root=" + uri("/tasks"));
    TestRun.Ended first = remote.with("tasks.order=[colour]").run("run");
    assertThat(first.err()).doesNotContain("unexpected");
    assertThat(first.code()).isZero();
    cluster.stopDataNode(0);
    TestRun.Ended second = remote.run("run");
    assertThat(second.err()).doesNotContain("unexpected");
    assertThat(second.code()).isZero();

    assertThat(second.matrix()).isEqualTo(local.matrix());
    assertThat(second.out()).contains("on 2 ranks");
    RemoteRun there = new RemoteRun(files, hdfs("/run"));
    there.assertLearntAs(folder.resolve("run"));

    Map<String, Long> before = there.finishedFiles();
    TestRun.Ended third = remote.run("run");
    assertThat(third.code()).isZero();
    assertThat(third.out()).isEqualTo(second.out());
    assertThat(there.finishedFiles()).isEqualTo(before);
  }

  @Test
  void aLivingOwnerKeepsOthersOutAndADeadOneIsSucceeded() throws Exception {
    LeaseTimes fast =
        new LeaseTimes(Duration.ofMillis(100), Duration.ofSeconds(2), Duration.ofSeconds(1));
    TestRun run =
        TestRun.in(folder, TWO).with("run.dir=" + uri("/busy"), "tasks.root=" + uri("/tasks"));
    org.apache.hadoop.fs.Path file = hdfs("/busy/lease");
    byte[] abandoned;
    try (Lease lease = Lease.acquire(files, file, fast)) {
      TestRun.Ended refused = run.run("run");
      assertThat(refused.code()).isEqualTo(5);
      assertThat(refused.err()).contains("/busy/lease");
      lease.check();
      try (var in = files.open(file)) {
        abandoned = in.readAllBytes();
      }
    }
    assertThat(files.exists(file)).isFalse();
    // What an owner leaves behind that was killed.
    try (var out = files.create(file, false)) {
      out.write(abandoned);
    }
    try (Lease next = Lease.acquire(files, file, fast)) {
      assertThat(next.token()).isEqualTo(2);
      next.check();
    }
  }

  @Test
  void aPathThatHdfsDoesNotAllowIsRefusedBeforeAnythingIsWritten() throws Exception {
    TestRun run = TestRun.in(folder, TWO);
    for (String command : List.of("run", "prepare")) {
      TestRun.Ended ended = run.with("run.dir=" + uri("/a:b/run")).run(command);
      assertThat(ended.err()).contains("run.dir = hdfs:", "a:b", "Give a folder");
      assertThat(ended.code()).isEqualTo(2);
    }
    TestRun.Ended tasks = run.with("tasks.root=" + uri("/a:b")).run("prepare", "--dry-run");
    assertThat(tasks.err()).contains("tasks.root = hdfs:", "a:b");
    assertThat(tasks.code()).isEqualTo(2);
  }

  private static org.apache.hadoop.fs.Path hdfs(String path) {
    return new org.apache.hadoop.fs.Path(path);
  }

  private static String uri(String path) {
    return cluster.getURI() + path;
  }
}
