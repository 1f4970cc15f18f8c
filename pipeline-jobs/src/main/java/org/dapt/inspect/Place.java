package org.dapt.inspect;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.dapt.data.file.ReadableFile;
import org.dapt.error.InputException;
import org.dapt.error.Shown;
import org.dapt.io.JsonObjects;
import org.dapt.io.SafetensorsFile;

/**
 * A file or folder on any Hadoop file system, with what inspections read of it. Failures of the
 * file system are {@link InputException}s.
 *
 * @param hadoop configuration of the file systems
 * @param files where it lies
 * @param path qualified
 */
record Place(Configuration hadoop, FileSystem files, Path path) {
  /** The place at {@code path}. */
  static Place of(Configuration hadoop, Path path) {
    try {
      FileSystem files = path.getFileSystem(hadoop);
      return new Place(hadoop, files, files.makeQualified(path));
    } catch (IOException e) {
      throw new InputException(
          "%s cannot be reached: %s. Correct the path.".formatted(path, e.getMessage()), e);
    }
  }

  /** As users write it: local paths without a scheme. */
  String shown() {
    return "file".equals(path.toUri().getScheme()) ? path.toUri().getPath() : path.toString();
  }

  String name() {
    return path.getName();
  }

  Place child(String name) {
    return new Place(hadoop, files, new Path(path, name));
  }

  Place parent() {
    return new Place(hadoop, files, path.getParent());
  }

  boolean exists() {
    try {
      return files.exists(path);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  boolean isFolder() {
    return exists() && status().isDirectory();
  }

  /** The bytes of the file, or of all files below the folder; of what is gone meanwhile none. */
  long bytes() {
    try {
      FileStatus status = files.getFileStatus(path);
      return status.isDirectory()
          ? children().stream().mapToLong(Place::bytes).sum()
          : status.getLen();
    } catch (FileNotFoundException e) {
      return 0;
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** What lies in the folder by name, none where it does not exist; hidden files left out. */
  List<Place> children() {
    try {
      List<Place> found = new ArrayList<>();
      for (FileStatus status : files.listStatus(path)) {
        if (!status.getPath().getName().startsWith(".")) {
          found.add(new Place(hadoop, files, status.getPath()));
        }
      }
      found.sort(Comparator.comparing(Place::name));
      return found;
    } catch (FileNotFoundException e) {
      return List.of();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** The children whose names end in {@code suffix}. */
  List<Place> children(String suffix) {
    return children().stream().filter(place -> place.name().endsWith(suffix)).toList();
  }

  /** The whole file. */
  byte[] content() {
    try (var in = files.open(path)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** The JSON object in the file. */
  JsonNode json() {
    try {
      return JsonObjects.read(content());
    } catch (JsonObjects.DamagedException e) {
      throw new InputException("%s is damaged: %s.".formatted(shown(), e.getMessage()), e);
    }
  }

  /** The file as safetensors: mapped where it is local, else read. */
  SafetensorsFile safetensors() {
    return "file".equals(path.toUri().getScheme())
        ? SafetensorsFile.open(java.nio.file.Path.of(path.toUri().getPath()))
        : SafetensorsFile.parse(content(), shown());
  }

  /** The header of a safetensors file, which is all that is fetched. */
  SafetensorsFile safetensorsHeader() {
    try (var in = files.open(path)) {
      return SafetensorsFile.header(in, status().getLen(), shown());
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** The owner of the lease in the file, for people; null where there is none. */
  String leaseOwner() {
    JsonNode lease;
    try (var in = ReadableFile.open(files, path)) {
      lease = JsonObjects.read(in.readAllBytes());
    } catch (FileNotFoundException e) {
      return null;
    } catch (JsonObjects.DamagedException e) {
      return "an unknown process (the file is empty or damaged: it is taken over after 15 s)";
    } catch (IOException e) {
      throw unreadable(e);
    }
    return "process %s on %s, heartbeat %s (a dead one's lease is taken over after 15 s)"
        .formatted(
            Shown.of(lease.path("owner").path("pid").asText("?")),
            Shown.of(lease.path("owner").path("host").asText("?")),
            Shown.of(lease.path("counter").asText("?")));
  }

  /** Texts at some keys of a JSON object, by these keys; those that are missing are left out. */
  static Map<String, Object> texts(JsonNode object, String... keys) {
    Map<String, Object> found = new LinkedHashMap<>();
    for (String key : keys) {
      JsonNode value = object.path(key);
      if (value.isIntegralNumber()) {
        found.put(key, value.longValue());
      } else if (value.isNumber()) {
        found.put(key, value.doubleValue());
      } else if (value.isValueNode() && !value.isNull()) {
        found.put(key, value.asText());
      }
    }
    return found;
  }

  private FileStatus status() {
    try {
      return files.getFileStatus(path);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** The failure for a file that the file system does not give. */
  InputException unreadable(IOException e) {
    return new InputException(
        "%s cannot be read: %s. Check the file and its permissions."
            .formatted(shown(), e.getMessage()),
        e);
  }
}
