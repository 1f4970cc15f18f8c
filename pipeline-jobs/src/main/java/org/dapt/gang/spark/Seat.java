package org.dapt.gang.spark;

import org.apache.spark.storage.BlockManagerId;

/**
 * Where a rank's block manager is reached.
 *
 * @param host its host name or address
 * @param port the port of Spark's block transfer
 * @param executor the executor's id
 */
record Seat(String host, int port, String executor) {
  static Seat of(BlockManagerId id) {
    return new Seat(id.host(), id.port(), id.executorId());
  }

  String encode() {
    return host + " " + port + " " + executor;
  }

  static Seat decode(String text) {
    String[] parts = text.split(" ", 3);
    return new Seat(parts[0], Integer.parseInt(parts[1]), parts[2]);
  }
}
