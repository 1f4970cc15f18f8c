package org.dapt.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.dapt.error.ConfigException;
import org.dapt.error.LeaseException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The lease inside one process. */
class LeaseTest {
  private static final LeaseTimes TIMES =
      new LeaseTimes(Duration.ofMillis(100), Duration.ofMillis(1500), Duration.ofMillis(200));

  @TempDir java.nio.file.Path folder;
  private FileSystem files;
  private java.nio.file.Path file;
  private Path lease;

  @BeforeEach
  void open() throws IOException {
    files = FileSystem.getLocal(new Configuration());
    file = folder.resolve("lease");
    lease = new Path(file.toUri());
  }

  @Test
  void theFileNamesTheOwnerAndItsCounterGrows() throws Exception {
    try (var held = Lease.acquire(files, lease, TIMES)) {
      var json = new ObjectMapper().readTree(Files.readString(file));
      assertThat(json.at("/owner/pid").longValue()).isEqualTo(ProcessHandle.current().pid());
      assertThat(json.at("/owner/host").textValue()).isNotEmpty();
      assertThat(json.at("/token").longValue()).isEqualTo(held.token()).isEqualTo(1);
      awaitBeat(json.at("/counter").longValue());
      held.check();
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void leasesOfTwoFilesAreIndependent() {
    var other = new Path(folder.resolve("other/lease").toUri());
    try (var one = Lease.acquire(files, lease, TIMES);
        var two = Lease.acquire(files, other, TIMES)) {
      one.check();
      two.check();
    }
  }

  @Test
  void aLeaseThatItsOwnerEndsWhileANewcomerWatchesIsFree() throws Exception {
    var slow = new LeaseTimes(Duration.ofSeconds(50), Duration.ofSeconds(60), TIMES.settle());
    var threads = Executors.newSingleThreadExecutor();
    try (var owner = Lease.acquire(files, lease, slow)) {
      var newcomer = threads.submit(() -> Lease.acquire(files, lease, TIMES));
      Thread.sleep(200);
      owner.close();
      try (var held = newcomer.get()) {
        assertThat(held.token()).isEqualTo(1);
        held.check();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{\"owner\":", "[]", "{\"token\":7}"})
  void aDamagedFileThatStandsIsTakenOver(String content) throws Exception {
    Files.writeString(file, content);
    try (var held = Lease.acquire(files, lease, TIMES)) {
      assertThat(held.token()).isEqualTo(1);
      held.check();
    }
  }

  @Test
  void ofManyNewcomersOneTakesOverAndCountsOn() throws Exception {
    Files.write(file, LeaseContent.ofThisProcess(41).toBytes());
    var threads = Executors.newFixedThreadPool(6);
    var held = new ArrayList<Lease>();
    int refused = 0;
    try {
      Callable<Lease> newcomer =
          () -> {
            try {
              return Lease.acquire(files, lease, TIMES);
            } catch (LeaseException e) {
              return null;
            }
          };
      for (var result : threads.invokeAll(Collections.nCopies(6, newcomer))) {
        if (result.get() == null) {
          refused++;
        } else {
          held.add(result.get());
        }
      }
      assertThat(held)
          .singleElement()
          .satisfies(winner -> assertThat(winner.token()).isEqualTo(42));
      assertThat(refused).isEqualTo(5);
      held.get(0).check();
    } finally {
      held.forEach(Lease::close);
      threads.shutdownNow();
    }
  }

  @Test
  void anotherOwnersFileIsLeftAloneAndRefusesPublishing() throws Exception {
    try (var held = Lease.acquire(files, lease, TIMES)) {
      var other = LeaseContent.ofThisProcess(2).toBytes();
      LeaseFile.at(files, lease).replace(other);
      assertThatThrownBy(held::check)
          .isInstanceOf(LeaseException.class)
          .hasMessageContaining("it is held by process")
          .hasMessageContaining("token 2");
      Thread.sleep(5 * TIMES.heartbeat().toMillis());
      held.close();
      assertThat(file).hasBinaryContent(other);
    }
  }

  @Test
  void aVanishedFileIsNotBroughtBack() throws Exception {
    try (var held = Lease.acquire(files, lease, TIMES)) {
      Files.delete(file);
      assertThatThrownBy(held::check)
          .isInstanceOf(LeaseException.class)
          .hasMessageContaining("its file is gone");
      Thread.sleep(5 * TIMES.heartbeat().toMillis());
      assertThat(folder).isEmptyDirectory();
    }
  }

  @Test
  void aLeaseBelowAFileIsAConfigurationError() throws Exception {
    Files.writeString(file, "a file");
    assertThatThrownBy(() -> Lease.acquire(files, new Path(lease, "run/lease"), TIMES))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("run.dir")
        .hasMessageContaining(file + "/run/lease");
  }

  private void awaitBeat(long counter) throws Exception {
    var json = new ObjectMapper();
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (json.readTree(Files.readString(file)).at("/counter").longValue() <= counter) {
      assertThat(System.nanoTime()).as("no heartbeat").isLessThan(deadline);
      Thread.sleep(20);
    }
  }
}
