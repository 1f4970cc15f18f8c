package org.dapt.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SinkWorkerTest {
  private static final SinkWorker.Limits LIMITS =
      new SinkWorker.Limits(
          100, Duration.ofMillis(5), Duration.ofMillis(20), Duration.ofMillis(500));

  private final String root = "/runs/" + UUID.randomUUID();
  private final SinkRun run =
      new SinkRun(new Configuration(false), new Path(root), "id", Map.of(), Map.of(), "0");
  private final RecordingSink sink = new RecordingSink();

  @Test
  void everyPointArrivesOnceAndInOrder() {
    MetricSinks sinks = MetricSinks.of(List.of(sink), run, LIMITS);
    sinks.offer(points("a", 1, 3));
    sinks.offer(points("a", 2, 5));
    sinks.offer(points("b", 1, 1));
    sinks.finish(true);
    assertThat(steps("a")).containsExactly(1, 2, 3, 4, 5);
    assertThat(steps("b")).containsExactly(1);
    assertThat(sink.opened).hasValue(1);
    assertThat(RecordingSink.lastSucceeded()).isTrue();
  }

  @Test
  void whatAnEarlierCommandSentIsNotSentAgain() {
    MetricSinks first = MetricSinks.of(List.of(sink), run, LIMITS);
    first.offer(points("a", 1, 3));
    first.finish(false);
    assertThat(RecordingSink.lastSucceeded()).isFalse();
    MetricSinks second = MetricSinks.of(List.of(new RecordingSink()), run, LIMITS);
    second.offer(points("a", 1, 4));
    second.finish(true);
    assertThat(steps("a")).containsExactly(1, 2, 3, 4);
  }

  @Test
  void afterFailuresNothingIsMissingAndNothingIsThereTwice() {
    sink.failures.set(3);
    MetricSinks sinks = MetricSinks.of(List.of(sink), run, LIMITS);
    sinks.offer(points("a", 1, 10));
    sinks.offer(points("a", 11, 12));
    sinks.finish(true);
    assertThat(steps("a")).containsExactlyElementsOf(IntStream.rangeClosed(1, 12).boxed().toList());
    assertThat(sink.opened).hasValue(4);
  }

  @Test
  void aSinkThatHangsHoldsUpNobodyAndIsGivenUp() {
    sink.permits = new Semaphore(0);
    MetricSinks sinks = MetricSinks.of(List.of(sink), run, LIMITS);
    long start = System.nanoTime();
    for (int i = 0; i < 200; i++) {
      sinks.offer(points("a", 10 * i + 1, 10 * i + 10));
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    sinks.finish(true);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    assertThat(steps("a")).isEmpty();
    sink.permits.release(1000);
  }

  @Test
  void aSinkThatOnlyFailsDelaysTheEndByNoMoreThanThePatience() {
    sink.failures.set(Integer.MAX_VALUE);
    MetricSinks sinks = MetricSinks.of(List.of(sink), run, LIMITS);
    sinks.offer(points("b", 1, 1));
    long start = System.nanoTime();
    sinks.finish(true);
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isBetween(LIMITS.patience().minusMillis(50), LIMITS.patience().plusSeconds(5));
    assertThat(sink.opened).hasValueGreaterThan(1);
  }

  @Test
  void aSlowSinkIsWaitedForAsLongAsItGoesOn() {
    sink.permits = new Semaphore(0);
    MetricSinks sinks = MetricSinks.of(List.of(sink), run, LIMITS);
    for (int i = 1; i <= 5; i++) {
      sinks.offer(points("a", i, i));
    }
    Thread slowly =
        new Thread(
            () -> {
              for (int i = 0; i < 5; i++) {
                LockSupport.parkNanos(250_000_000);
                sink.permits.release();
              }
            });
    slowly.start();
    sinks.finish(true);
    assertThat(steps("a")).containsExactly(1, 2, 3, 4, 5);
  }

  @Test
  void withoutSinksThereIsNothingToDo() {
    assertThat(MetricSinks.none().isEmpty()).isTrue();
    assertThat(MetricSinks.of(null, null, null, "", List.of(), run).isEmpty()).isTrue();
    assertThat(MetricSinks.of(null, null, null, "", List.of("recording"), run).isEmpty()).isFalse();
  }

  private List<Integer> steps(String series) {
    return RecordingSink.SENT.getOrDefault(root, List.of()).stream()
        .filter(point -> point.series().equals(series))
        .map(MetricPoint::step)
        .toList();
  }

  private static List<MetricPoint> points(String series, int from, int to) {
    return IntStream.rangeClosed(from, to)
        .mapToObj(step -> new MetricPoint(series, step, step / 2.0, Instant.EPOCH))
        .toList();
  }
}
