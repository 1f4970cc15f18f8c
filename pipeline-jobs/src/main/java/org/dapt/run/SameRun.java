package org.dapt.run;

import java.util.List;
import java.util.function.Function;
import org.dapt.error.ConfigException;
import org.dapt.error.Shown;
import org.dapt.run.RunDirectory.Identity;

/** Checks that a run is gone on with as it was started. */
final class SameRun {
  private SameRun() {}

  /**
   * Refuses another configuration, model or tokenizer than that of {@code run}.
   *
   * @param differences of its configuration text to the present one, one line each
   */
  static void require(RunDirectory run, Identity now, Function<String, List<String>> differences) {
    Identity stored = run.identity();
    if (!stored.configHash().equals(now.configHash())) {
      var lines =
          run.configText().isEmpty() ? List.<String>of() : differences.apply(run.configText());
      throw new ConfigException(
          "run.dir = %s was written with another configuration:%s\nTake another run.dir (for runs of a comparison another compare.dir), or undo the changes%s."
              .formatted(
                  RunFiles.shown(run.root()),
                  lines.isEmpty()
                      ? " its hash is %s, now %s."
                          .formatted(Shown.of(stored.configHash()), now.configHash())
                      : "\n  " + String.join("\n  ", lines),
                  run.learnt().isEmpty()
                      ? "; no task is learnt there yet, so it may as well be deleted"
                      : ""));
    }
    require(run, "model", stored.modelSha256(), now.modelSha256());
    require(run, "tokenizer", stored.tokenizerSha256(), now.tokenizerSha256());
  }

  private static void require(RunDirectory run, String what, String stored, String now) {
    if (!stored.equals(now)) {
      throw new ConfigException(
          "The %s at model.path changed since the run in run.dir = %s was started: its SHA-256 is %s, %s is expected. Bring the former %s back, or take another run.dir."
              .formatted(what, RunFiles.shown(run.root()), now, Shown.of(stored), what));
    }
  }
}
