package org.dapt.backbone;

import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.dapt.digest.Sha256;
import org.dapt.error.InputException;
import org.dapt.io.ModelFolder;
import org.dapt.io.Quantisation;
import org.dapt.io.TensorInfo;
import org.dapt.tensor.Digests;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Scopes;

/**
 * The weights of a model folder in memory, by name; drawn at random where the model is a
 * configuration only. What a model asks for and the folder lacks, or holds in another shape, is
 * gathered and reported at once by {@link #check()}.
 */
public final class Weights implements AutoCloseable {
  private static final int NAMED_PROBLEMS = 8;

  private final ModelFolder folder;

  /** Null where weights are not read. */
  private final Placement placement;

  private final Map<String, Tensor> loaded = new TreeMap<>();
  private final SortedMap<String, long[]> asked = new TreeMap<>();
  private final List<String> problems = new ArrayList<>();

  /** A weight that holds whole numbers, null where none was met. */
  private String packed;

  /** Weights of {@code folder}, placed and converted as they are asked for. */
  public Weights(ModelFolder folder, Placement placement) {
    this.folder = folder;
    this.placement = placement;
  }

  /**
   * What {@code build} makes of the weights of {@code folder}. They are freed where it fails, or
   * lacks some.
   *
   * @throws InputException as {@link #get} and {@link #check}
   */
  public static <B> B load(ModelFolder folder, Placement placement, Function<Weights, B> build) {
    Weights weights = new Weights(folder, placement);
    boolean built = false;
    try {
      B model = build.apply(weights);
      weights.check();
      built = true;
      return model;
    } finally {
      if (!built) {
        weights.close();
      }
    }
  }

  /**
   * Weights of {@code folder} that are looked at and not read: {@link #get} notes problems and
   * gives null for all of them.
   */
  public static Weights unread(ModelFolder folder) {
    return new Weights(folder, null);
  }

  /**
   * Whether the folder holds both weights and their values are not the same. Where they are not
   * read, two that lie there count as different.
   */
  public boolean differ(String one, String other) {
    return folder.hasWeights()
        && folder.has(one)
        && folder.has(other)
        && (placement == null || !StoredTensors.same(folder, one, other));
  }

  /**
   * The weight that is stored under the first of {@code names} that the folder has; in memory it
   * has the first name.
   */
  public Tensor get(List<String> names, long... shape) {
    String stored =
        names.stream()
            .filter(name -> !folder.hasWeights() || folder.has(name))
            .findFirst()
            .orElse(names.get(0));
    return get(names.get(0), stored, shape);
  }

  /**
   * The weight {@code name}. Where it is missing or not of {@code shape}, or its type is not that
   * of a weight, the problem is noted and null is returned; {@link #check()} must be called before
   * the model is used.
   *
   * @throws InputException if a number in it is not finite
   */
  public Tensor get(String name, long... shape) {
    return get(name, name, shape);
  }

  private Tensor get(String name, String stored, long... shape) {
    asked.put(name, shape);
    Tensor known = loaded.get(name);
    if (known != null) {
      return known;
    }
    if ((folder.hasWeights() && !fits(stored, shape)) || placement == null) {
      return null;
    }
    // In a scope of its own: what belonged to another one, too, would not end with this.
    try (PointerScope scope = new PointerScope()) {
      Tensor tensor =
          folder.hasWeights()
              ? StoredTensors.read(folder, stored, placement)
              : RandomWeights.draw(name, placement, shape);
      loaded.put(name, Scopes.keep(tensor));
      return tensor;
    }
  }

  /** The shapes of what the model has asked for, by name. */
  public SortedMap<String, long[]> asked() {
    return Collections.unmodifiableSortedMap(asked);
  }

  private boolean fits(String name, long... shape) {
    String bias = name.replaceFirst("weight$", "bias");
    if (!bias.equals(name) && folder.has(bias)) {
      problems.add(bias + " is there: layers with a bias are not supported");
    }
    if (!folder.has(name)) {
      problems.add(name + " is missing (expected shape " + Arrays.toString(shape) + ")");
      return false;
    }
    TensorInfo info = folder.info(name);
    if (!info.dtype().isReal()) {
      packed = name + " is stored as " + info.dtype();
      problems.add(packed);
      return false;
    }
    if (!Arrays.equals(info.shape(), shape)) {
      problems.add(
          name
              + " has shape "
              + Arrays.toString(info.shape())
              + ", expected "
              + Arrays.toString(shape));
      return false;
    }
    return true;
  }

  /** The weight {@code name} as it lies in memory, or null where the model has not asked for it. */
  public Tensor loaded(String name) {
    return loaded.get(name);
  }

  /** Reports everything that {@link #get} missed, as one {@link InputException}. */
  public void check() {
    if (problems.isEmpty()) {
      return;
    }
    List<String> traces = Quantisation.traces(folder);
    if (packed != null || !traces.isEmpty()) {
      throw Quantisation.refused(
          folder.shown(),
          "its maker's tool",
          packed != null ? packed : "it has " + String.join(", ", traces));
    }
    List<String> named = problems.subList(0, Math.min(NAMED_PROBLEMS, problems.size()));
    String more =
        problems.size() > named.size()
            ? "\n  and " + (problems.size() - named.size()) + " more"
            : "";
    throw new InputException(
        "The weights of the model folder "
            + folder.shown()
            + " do not fit its config.json:\n  "
            + String.join("\n  ", named)
            + more
            + "\nUse the weights and the config.json of the same model.");
  }

  /** SHA-256 over names, shapes and bytes, in the order of the names. */
  public String sha256() {
    MessageDigest digest = Sha256.start();
    loaded.forEach((name, tensor) -> Digests.update(digest, name, tensor));
    return Sha256.hex(digest);
  }

  @Override
  public void close() {
    loaded.values().forEach(Scopes::release);
    loaded.clear();
  }
}
