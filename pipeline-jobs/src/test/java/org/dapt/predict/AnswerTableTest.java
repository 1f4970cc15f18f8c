package org.dapt.predict;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.parquet.schema.MessageTypeParser;
import org.dapt.run.FormatsDocument;
import org.junit.jupiter.api.Test;

class AnswerTableTest {
  @Test
  void hasTheDocumentedColumns() {
    assertThat(FormatsDocument.section("## Predictions of `dapt predict`").typed())
        .containsExactlyElementsOf(FormatsDocument.typed(AnswerTable.COLUMNS));
  }

  /** Files of all versions have one schema: readers take them together. */
  @Test
  void theSchemaOfItsFilesStaysAsItIs() {
    assertThat(AnswerTable.IN_FILE)
        .isEqualTo(
            MessageTypeParser.parseMessageType(
                """
                message prediction {
                  required int64 index;
                  required binary id (STRING);
                  optional binary input (STRING);
                  optional binary prediction (STRING);
                  optional binary chosen_task (STRING);
                  optional group weights (MAP) {
                    repeated group key_value {
                      required binary key (STRING);
                      required double value;
                    }
                  }
                  required int32 source_tokens;
                  required boolean cut;
                  required int32 generated_tokens;
                  optional binary error (STRING);
                }
                """));
  }

  @Test
  void theMarkerCountsWhatIsDocumented() {
    assertThat(
            FormatsDocument.section("## Predictions of `dapt predict`")
                .between("of a run's, with", "as its")
                .code())
        .containsSubsequence(PredictSummary.COUNTS)
        .endsWith("chosen");
  }
}
