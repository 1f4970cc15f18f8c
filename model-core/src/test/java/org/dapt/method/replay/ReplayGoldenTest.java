package org.dapt.method.replay;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.dapt.fixture.Fixtures;
import org.dapt.method.Rehearsal;
import org.dapt.method.Rehearsal.Mix;
import org.dapt.method.Sections;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which examples are kept and where they stand, against the reference's exact fractions. */
class ReplayGoldenTest {
  private static Stream<JsonNode> mixing() {
    JsonNode cases = Fixtures.json(Fixtures.folder("method-replay").resolve("cases.json"));
    return StreamSupport.stream(cases.get("mixing").spliterator(), false);
  }

  @ParameterizedTest
  @MethodSource("mixing")
  void keptExamplesAndTheirPlaces(JsonNode golden) {
    Map<String, Object> options = new TreeMap<>();
    options.put("method.options.share", decimal(golden.get("keep_share")));
    options.put("method.options.mixing", golden.get("rule").textValue());
    if (golden.has("batch_share")) {
      options.put("method.options.batch-share", decimal(golden.get("batch_share")));
    }
    Rehearsal rehearsal = new ReplayLora().rehearsal(Sections.of(options));
    JsonNode expected = golden.get("expected");
    JsonNode sizes = golden.get("task_sizes");
    int last = sizes.size() - 1;
    assertThat(expected.get("kept")).hasSize(last);
    long all = 0;
    for (int i = 0; i < last; i++) {
      int kept = rehearsal.kept(sizes.get(i).longValue());
      assertThat(kept).isEqualTo(expected.get("kept").get(i).intValue());
      all += kept;
    }
    long examples = sizes.get(last).longValue();
    Mix mix = rehearsal.mix(examples, all);
    int batch = golden.get("global_batch").intValue();
    long steps = mix.steps(golden.get("epochs").longValue() * examples, batch);
    assertThat(steps).isEqualTo(expected.get("steps").longValue());
    for (int step = 0; step < expected.get("from_memory").size(); step++) {
      long kept = 0;
      for (long place = (long) step * batch; place < (step + 1L) * batch; place++) {
        kept += mix.isKept(place) ? 1 : 0;
      }
      assertThat(kept).isEqualTo(expected.get("from_memory").get(step).longValue());
    }
    long total = mix.keptAmong(steps * batch);
    assertThat(total).isEqualTo(expected.get("from_memory_total").longValue());
    assertThat(steps * batch - total).isEqualTo(expected.get("new_total").longValue());
  }

  /** A fraction as a user would write it. */
  private static String decimal(JsonNode fraction) {
    String[] parts = fraction.textValue().split("/", -1);
    return new BigDecimal(parts[0]).divide(new BigDecimal(parts[1])).toPlainString();
  }
}
