package org.dapt.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.dapt.error.LeaseException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lease between processes. */
class LeaseProcessTest {
  @TempDir java.nio.file.Path folder;
  private FileSystem files;
  private Path lease;

  @BeforeEach
  void open() throws IOException {
    files = FileSystem.getLocal(new Configuration());
    lease = new Path(folder.toUri().toString(), "run/lease");
  }

  @Test
  void ofTwoProcessesAtOnceOneHoldsTheLease() throws Exception {
    try (var one = LeaseProcess.start(lease);
        var two = LeaseProcess.start(lease)) {
      assertOneWins(one, two, "held 1");
    }
  }

  @Test
  void ofTwoProcessesAtOnceOneTakesOverFromADeadOwner() throws Exception {
    try (var dead = LeaseProcess.start(lease);
        var one = LeaseProcess.start(lease);
        var two = LeaseProcess.start(lease)) {
      dead.go();
      assertThat(dead.answer()).isEqualTo("held 1");
      dead.kill();
      assertOneWins(one, two, "held 2");
    }
  }

  @Test
  void aLivingOwnerIsNamedAndAKilledOneIsTakenOver() throws Exception {
    try (var owner = LeaseProcess.start(lease)) {
      owner.go();
      assertThat(owner.answer()).isEqualTo("held 1");
      assertThatThrownBy(() -> Lease.acquire(files, lease, LeaseProcess.TIMES))
          .isInstanceOf(LeaseException.class)
          .hasMessageContaining("process " + owner.pid() + " of ")
          .hasMessageContaining(" since ")
          .hasMessageContaining(lease.toUri().getPath());
      owner.kill();
      try (var mine = Lease.acquire(files, lease, LeaseProcess.TIMES)) {
        assertThat(mine.token()).isEqualTo(2);
        mine.check();
      }
    }
    assertThat(folder.resolve("run/lease")).doesNotExist();
  }

  @Test
  void theOtherLeasesOfADeadProcessAreTakenOverAtOnce() throws Exception {
    var other = new Path(lease.getParent(), "task/lease");
    try (var owner = LeaseProcess.start(lease)) {
      owner.go();
      assertThat(owner.answer()).isEqualTo("held 1");
      owner.kill();
    }
    var left = folder.resolve("run/lease");
    Files.createDirectories(folder.resolve("run/task"));
    Files.writeString(
        folder.resolve("run/task/lease"),
        Files.readString(left).replaceFirst("\"nonce\" *: *\"", "$0other-"));
    try (var mine = Lease.acquire(files, lease, LeaseProcess.TIMES)) {
      long start = System.nanoTime();
      try (var second = Lease.acquire(files, other, LeaseProcess.TIMES)) {
        assertThat(second.token()).isEqualTo(2);
        assertThat(System.nanoTime() - start).isLessThan(LeaseProcess.TIMES.watch().toNanos());
      }
      mine.check();
    }
  }

  @Test
  void anOwnerThatStoodStillFindsThatItLostTheLease() throws Exception {
    try (var owner = LeaseProcess.start(lease)) {
      owner.go();
      assertThat(owner.answer()).isEqualTo("held 1");
      signal("STOP", owner);
      try (var mine = Lease.acquire(files, lease, LeaseProcess.TIMES)) {
        signal("CONT", owner);
        owner.go();
        assertThat(owner.answer()).startsWith("refused ").contains("is lost: it is held by");
        assertThat(owner.end()).isEqualTo(5);
        mine.check();
      }
    }
  }

  private void assertOneWins(LeaseProcess one, LeaseProcess two, String held) throws Exception {
    one.go();
    two.go();
    var first = one.answer();
    var second = two.answer();
    var winner = first.startsWith("held") ? one : two;
    var loser = winner == one ? two : one;
    assertThat(List.of(first, second))
        .containsOnlyOnce(held)
        .anySatisfy(answer -> assertThat(answer).startsWith("refused "));
    assertThat(loser.end()).isEqualTo(5);
    assertThat(Files.readString(folder.resolve("run/lease"))).contains("" + winner.pid());
    assertThat(winner.end()).isZero();
    assertThat(folder.resolve("run")).isEmptyDirectory();
  }

  private static void signal(String name, LeaseProcess process) throws Exception {
    assertThat(new ProcessBuilder("kill", "-" + name, "" + process.pid()).start().waitFor())
        .isZero();
  }
}
