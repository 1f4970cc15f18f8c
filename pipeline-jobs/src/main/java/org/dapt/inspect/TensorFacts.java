package org.dapt.inspect;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.dapt.digest.Sha256;
import org.dapt.io.SafetensorsFile;
import org.dapt.io.TensorInfo;
import org.dapt.pet.LoraBlock;
import org.dapt.tensor.Digests;

/** What the tensors of safetensors files say: how many, of which shapes, and their digest. */
final class TensorFacts {
  private final SortedMap<String, SafetensorsFile> files = new TreeMap<>();
  private final SortedMap<String, String> names = new TreeMap<>();

  /** Adds the tensors of {@code file}, whose names in the digest begin with {@code prefix}. */
  TensorFacts add(SafetensorsFile file, String prefix) {
    for (String name : file.names()) {
      files.put(prefix + name, file);
      names.put(prefix + name, name);
    }
    return this;
  }

  /** Adds tensors, parameters, types and shapes to {@code facts}. */
  void into(Map<String, Object> facts) {
    long parameters = 0;
    Map<String, Long> types = new TreeMap<>();
    Map<String, Integer> shapes = new LinkedHashMap<>();
    for (Map.Entry<String, SafetensorsFile> entry : files.entrySet()) {
      TensorInfo info = entry.getValue().info(names.get(entry.getKey()));
      parameters += info.elements();
      types.merge(info.dtype().name(), 1L, Long::sum);
      shapes.merge(role(info.name()) + " " + Arrays.toString(info.shape()), 1, Integer::sum);
    }
    facts.put("tensors", files.size());
    facts.put("parameters", parameters);
    facts.put("types", String.join(", ", types.keySet()));
    facts.put(
        "shapes",
        shapes.entrySet().stream()
            .map(shape -> shape.getValue() + " × " + shape.getKey())
            .toList());
  }

  /** SHA-256 of all tensors in the order of their names, as a run's markers have it. */
  String sha256() {
    MessageDigest digest = Sha256.start();
    files.forEach(
        (name, file) -> {
          TensorInfo info = file.info(names.get(name));
          Digests.update(digest, name, info.shape(), file.data(info.name()));
        });
    return Sha256.hex(digest);
  }

  /** The last parts of a tensor's name, without the numbers of layers. */
  private static String role(String name) {
    String plain = name.endsWith(".weight") ? name.substring(0, name.length() - 7) : name;
    int last = plain.lastIndexOf('.');
    boolean matrix = plain.endsWith(LoraBlock.A) || plain.endsWith(LoraBlock.B);
    return plain.substring(1 + (matrix ? plain.lastIndexOf('.', last - 1) : last));
  }
}
