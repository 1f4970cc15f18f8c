package org.dapt.backbone;

import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.dapt.digest.Sha256;
import org.dapt.error.InputException;
import org.dapt.io.ModelFolder;
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
  private static final String OUTPUT_MATRIX = "lm_head.";
  private static final String TIED = "tie_word_embeddings";

  private final ModelFolder folder;
  private final Placement placement;
  private final Map<String, Tensor> loaded = new TreeMap<>();
  private final List<String> problems = new ArrayList<>();

  /** Weights of {@code folder}, placed and converted as they are asked for. */
  public Weights(ModelFolder folder, Placement placement) {
    this.folder = folder;
    this.placement = placement;
  }

  /**
   * Whether the folder holds {@code name}. A model without files has every weight, but an output
   * matrix of its own only where its configuration does not tie it to the embedding.
   */
  public boolean has(String name) {
    if (folder.hasWeights()) {
      return folder.has(name);
    }
    return !name.startsWith(OUTPUT_MATRIX)
        || !new ConfigJson(folder.config(), folder.configFile()).flag(TIED, true);
  }

  /**
   * The weight {@code name}. Where it is missing or its shape is not {@code shape}, the problem is
   * noted and null is returned; {@link #check()} must be called before the model is used.
   */
  public Tensor get(String name, long... shape) {
    Tensor known = loaded.get(name);
    if (known != null) {
      return known;
    }
    if (!folder.hasWeights()) {
      Tensor drawn = RandomWeights.draw(name, placement, shape);
      loaded.put(name, Scopes.keep(drawn));
      return drawn;
    }
    if (!folder.has(name)) {
      problems.add(name + " is missing (expected shape " + Arrays.toString(shape) + ")");
      return null;
    }
    TensorInfo info = folder.info(name);
    if (!Arrays.equals(info.shape(), shape)) {
      problems.add(
          name
              + " has shape "
              + Arrays.toString(info.shape())
              + ", expected "
              + Arrays.toString(shape));
      return null;
    }
    Tensor tensor = placement.of(placement.scalar(), folder.data(name), info.dtype(), shape);
    loaded.put(name, Scopes.keep(tensor));
    return tensor;
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
    List<String> named = problems.subList(0, Math.min(NAMED_PROBLEMS, problems.size()));
    String more =
        problems.size() > named.size()
            ? "\n  and " + (problems.size() - named.size()) + " more"
            : "";
    throw new InputException(
        "The weights of the model folder "
            + folder.folder()
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
