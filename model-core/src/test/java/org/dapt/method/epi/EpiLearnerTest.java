package org.dapt.method.epi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.dapt.backbone.Source;
import org.dapt.method.Example;
import org.dapt.method.InputPass;
import org.dapt.method.LearntTask;
import org.dapt.method.TinyStream;
import org.dapt.tensor.ComputeType;
import org.junit.jupiter.api.Test;

/** A task while it is learnt. */
class EpiLearnerTest {
  /** So dev, by which parameters may be chosen, is answered with the blocks of an evaluation. */
  @Test
  void choosesAsWhatIsStoredDoes() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        TinyStream stream = new TinyStream("epi", "t5-v11-tiny", ComputeType.FLOAT32);
        EpiLearner learner =
            (EpiLearner) stream.method.begin(stream.context, List.of(), "task", List.of())) {
      assertThat(learner.nearest()).isNull();
      List<Example> examples = stream.examples(3, 40);
      Source source = stream.backbone.source(TinyStream.sources(examples));
      for (InputPass pass = learner.beforeTraining(); pass != null; pass = pass.then()) {
        pass.take(pass.of(source, examples));
      }
      LearntTask kept = learner.learnt();
      List<TaskFeatures> stored = List.of(TaskFeatures.of(kept, stream.backbone.width()));
      try (NearestTask expected = Epi.nearest(stream.context, stored)) {
        assertThat(learner.nearest().whitening().equal(expected.whitening())).isTrue();
        assertThat(learner.nearest().centres().get(0).equal(expected.centres().get(0))).isTrue();
      }
    }
  }
}
