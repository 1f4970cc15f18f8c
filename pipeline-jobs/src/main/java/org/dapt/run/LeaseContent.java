package org.dapt.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import org.dapt.io.JsonObjects;

/**
 * What a lease file says.
 *
 * @param process tells two processes with the same number apart; all leases of a process have it
 * @param token grows by one with every take-over
 * @param nonce tells two owners with the same token apart
 * @param counter grows by one with every heartbeat
 * @param startedAt by the owner's clock, for people to read
 */
record LeaseContent(
    String host,
    long pid,
    String user,
    String process,
    long token,
    String nonce,
    long counter,
    String startedAt) {

  private static final String THIS_PROCESS = UUID.randomUUID().toString();

  /** The first content of this process. */
  static LeaseContent ofThisProcess(long token) {
    return new LeaseContent(
        hostName(),
        ProcessHandle.current().pid(),
        System.getProperty("user.name", "unknown"),
        THIS_PROCESS,
        token,
        UUID.randomUUID().toString(),
        0,
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
  }

  /** The next heartbeat. */
  LeaseContent beat() {
    return new LeaseContent(host, pid, user, process, token, nonce, counter + 1, startedAt);
  }

  /** Whether both were written by the same owner. */
  boolean sameOwner(LeaseContent other) {
    return token == other.token && nonce.equals(other.nonce);
  }

  /** Whether it is this process that wrote it. */
  boolean isOfThisProcess() {
    return process.equals(THIS_PROCESS);
  }

  /** The owner in words. */
  String owner() {
    return "process %d of %s on %s, since %s".formatted(pid, user, host, startedAt);
  }

  byte[] toBytes() {
    ObjectNode object = JsonObjects.create();
    ObjectNode owner = object.putObject("owner");
    owner.put("host", host);
    owner.put("pid", pid);
    owner.put("user", user);
    owner.put("process", process);
    object.put("token", token);
    object.put("nonce", nonce);
    object.put("counter", counter);
    object.put("started_at", startedAt);
    return JsonObjects.bytes(object);
  }

  /** The content, empty if the bytes are not a lease. */
  static Optional<LeaseContent> parse(byte[] bytes) {
    try {
      JsonNode object = JsonObjects.read(bytes);
      JsonNode owner = object.path("owner");
      return Optional.of(
          new LeaseContent(
              JsonObjects.text(owner, "host"),
              JsonObjects.number(owner, "pid"),
              JsonObjects.text(owner, "user"),
              JsonObjects.text(owner, "process"),
              JsonObjects.number(object, "token"),
              JsonObjects.text(object, "nonce"),
              JsonObjects.number(object, "counter"),
              JsonObjects.text(object, "started_at")));
    } catch (JsonObjects.DamagedException e) {
      return Optional.empty();
    }
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown host";
    }
  }
}
