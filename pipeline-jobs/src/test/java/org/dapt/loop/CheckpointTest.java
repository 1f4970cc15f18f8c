package org.dapt.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.dapt.error.InputException;
import org.dapt.io.SafetensorsFile;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Tensors;
import org.dapt.train.BestState;
import org.dapt.train.DevChoice;
import org.dapt.train.StepRecord;
import org.dapt.train.StepReport;
import org.dapt.train.TrainerState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CheckpointTest {
  private static final Placement HOST = Placement.cpu(ComputeType.FLOAT32);

  private final Random random = new Random(5);

  @ParameterizedTest
  @EnumSource(
      value = ComputeType.class,
      names = {"FLOAT32", "FLOAT64"})
  void comesBackBitByBit(ComputeType type) throws Exception {
    try (PointerScope scope = new PointerScope()) {
      Checkpoint checkpoint = checkpoint(type, 3);
      Checkpoint read = Checkpoint.parse(checkpoint.toBytes(), "here", Placement.cpu(type));
      assertThat(read.fingerprint()).isEqualTo("f");
      assertThat(read.ranks()).isEqualTo(4);
      assertThat(read.state().step()).isEqualTo(3);
      assertThat(read.steps()).isEqualTo(checkpoint.steps());
      assertThat(bytes(read.state().values())).isEqualTo(bytes(checkpoint.state().values()));
      assertThat(bytes(read.state().mean())).isEqualTo(bytes(checkpoint.state().mean()));
      assertThat(bytes(read.state().square())).isEqualTo(bytes(checkpoint.state().square()));
      BestState best = checkpoint.state().best();
      assertThat(read.state().best().choice()).isEqualTo(best.choice());
      assertThat(bytes(read.state().best().values())).isEqualTo(bytes(best.values()));
      assertThat(read.state().decided().keySet()).containsExactly("q.lora_A");
      assertThat(bytes(read.state().decided().get("q.lora_A")))
          .isEqualTo(bytes(checkpoint.state().decided().get("q.lora_A")));
    }
  }

  @Test
  void whereTheLastParametersAreKeptThereAreNoOthers() throws Exception {
    try (PointerScope scope = new PointerScope()) {
      Checkpoint with = checkpoint(ComputeType.FLOAT32, 3);
      TrainerState state = with.state();
      Checkpoint without =
          new Checkpoint(
              "f",
              4,
              new TrainerState(3, state.values(), state.mean(), state.square(), null, Map.of()),
              with.steps());
      assertThat(Checkpoint.parse(without.toBytes(), "here", HOST).state().best()).isNull();
      assertThat(names(without)).isEqualTo(Checkpoint.TENSORS);
      assertThat(names(with)).containsAll(Checkpoint.BEST_TENSORS);
      assertThat(Checkpoint.isNamed(names(without))).isTrue();
      assertThat(Checkpoint.isNamed(names(with))).isTrue();
      assertThat(Checkpoint.isNamed(Set.of("values", "mean", "square", "best", "best_of")))
          .isFalse();
    }
  }

  private static Set<String> names(Checkpoint checkpoint) {
    try (SafetensorsFile file = SafetensorsFile.parse(checkpoint.toBytes(), "here")) {
      return file.names();
    }
  }

  @Test
  void anyCutIsDamage() {
    try (PointerScope scope = new PointerScope()) {
      byte[] whole = checkpoint(ComputeType.FLOAT32, 3).toBytes();
      for (int length = 0; length < whole.length; length++) {
        byte[] cut = Arrays.copyOf(whole, length);
        assertThatThrownBy(() -> Checkpoint.parse(cut, "here", HOST))
            .isInstanceOf(Checkpoint.DamagedException.class);
      }
    }
  }

  /** Behind the header all bytes count; a change of the header may also make it another layout. */
  @Test
  void anyChangedBitIsSeen() throws Exception {
    try (PointerScope scope = new PointerScope()) {
      byte[] whole = checkpoint(ComputeType.FLOAT32, 2).toBytes();
      int data = 8 + (whole[0] & 0xff) + (whole[1] & 0xff) * 256;
      for (int at = 8; at < whole.length; at++) {
        byte[] changed = whole.clone();
        changed[at] ^= (byte) (1 << random.nextInt(8));
        try {
          Checkpoint read = Checkpoint.parse(changed, "here", HOST);
          assertThat(at).as("a byte of the tensors").isLessThan(data);
          assertThat(bytes(read.state().values())).hasSize(10 * Float.BYTES);
        } catch (Checkpoint.DamagedException e) {
          assertThat(e).hasMessageNotContaining("Exception");
        } catch (InputException e) {
          assertThat(at).as("a byte of the tensors").isLessThan(data);
          assertThat(e).hasMessageContaining("this version of dapt reads format 3");
        }
      }
    }
  }

  @Test
  void anotherLayoutIsRefused() {
    try (PointerScope scope = new PointerScope()) {
      String text =
          new String(checkpoint(ComputeType.FLOAT32, 1).toBytes(), StandardCharsets.ISO_8859_1);
      byte[] other =
          text.replace("\"format\":\"3\"", "\"format\":\"7\"")
              .getBytes(StandardCharsets.ISO_8859_1);
      assertThatThrownBy(() -> Checkpoint.parse(other, "here", HOST))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("has format 7, this version of dapt reads format 3");
    }
  }

  private Checkpoint checkpoint(ComputeType type, int steps) {
    List<StepRecord> records =
        random
            .ints(steps, 1, 1000)
            .mapToObj(
                tokens ->
                    new StepRecord(
                        new StepReport(
                            steps,
                            random.nextDouble(),
                            Map.of("orthogonality", random.nextDouble()),
                            random.nextDouble(),
                            tokens,
                            tokens + 1L),
                        random.nextDouble(),
                        random.nextDouble()))
            .toList();
    return new Checkpoint(
        "f",
        4,
        new TrainerState(
            steps,
            vector(type),
            vector(type),
            vector(type),
            best(type),
            Map.of("q.lora_A", vector(type))),
        records);
  }

  private BestState best(ComputeType type) {
    return new BestState(new DevChoice(2, 100 * random.nextDouble()), vector(type));
  }

  private Tensor vector(ComputeType type) {
    return Placement.cpu(type).of(type.learnt(), random.doubles(10, -1, 1).toArray(), 10);
  }

  private static byte[] bytes(Tensor tensor) {
    return Tensors.toBytes(tensor).array();
  }
}
