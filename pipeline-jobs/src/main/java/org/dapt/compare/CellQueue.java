package org.dapt.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.dapt.terminal.SpentTime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs several runs, some of them at once. The failure of one does not stop the others. */
final class CellQueue {
  private static final Logger LOG = LoggerFactory.getLogger(CellQueue.class);
  private static final long PATIENCE_SECONDS = 60;

  private final CellLauncher launcher;
  private final int parallel;

  /**
   * @param parallel most runs at once
   */
  CellQueue(CellLauncher launcher, int parallel) {
    this.launcher = launcher;
    this.parallel = parallel;
  }

  /**
   * Runs {@code cells} and returns how each ended, in their order.
   *
   * @throws InterruptedException if the comparison is called off; runs that were begun are ended
   */
  List<CellEnd> run(List<Cell> cells) throws InterruptedException {
    ExecutorService pool = Executors.newFixedThreadPool(parallel);
    try {
      List<Callable<CellEnd>> work = new ArrayList<>();
      for (int i = 0; i < cells.size(); i++) {
        Cell cell = cells.get(i);
        String place = "%d of %d".formatted(i + 1, cells.size());
        work.add(() -> run(cell, place));
      }
      List<CellEnd> ends = new ArrayList<>();
      for (Future<CellEnd> end : pool.invokeAll(work)) {
        ends.add(end.get());
      }
      return ends;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof InterruptedException interrupted) {
        throw interrupted;
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      pool.shutdownNow();
      boolean unused = pool.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
  }

  private CellEnd run(Cell cell, String place) throws InterruptedException {
    LOG.info("Run {} begins ({})", cell.name(), place);
    long start = System.nanoTime();
    CellEnd end = launcher.run(cell);
    String spent = SpentTime.text((System.nanoTime() - start) / 1e9);
    if (end.isDone()) {
      LOG.info("Run {} is done after {} ({})", cell.name(), spent, place);
    } else {
      LOG.error("Run {} ended after {} with {}", cell.name(), spent, end.text());
    }
    return end;
  }
}
