package org.dapt.compare;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The process of the comparison that a run belongs to. */
public final class ParentProcess {
  /** As Java ends a process that is asked to. */
  private static final int TERMINATED = 143;

  private ParentProcess() {}

  /** Ends this process with the one that started it for a comparison, if there is one. */
  public static void endWithIt() {
    String pid = System.getenv(CellProcesses.PARENT);
    if (pid == null) {
      return;
    }
    Optional<ProcessHandle> parent = ProcessHandle.of(Long.parseLong(pid));
    CompletableFuture<?> ended =
        parent.isPresent() ? parent.get().onExit() : CompletableFuture.completedFuture(null);
    CompletableFuture<Void> unused = ended.thenRun(() -> System.exit(TERMINATED));
  }
}
