package org.dapt.exchange;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.FileStore;

/**
 * A store of libtorch that only this rank sees: a file in a folder that only its user may enter. It
 * is removed on closing.
 */
final class PrivateStore implements AutoCloseable {
  private final FileStore store;
  private final Path folder;
  private final Path file;
  private boolean closed;

  private PrivateStore(FileStore store, Path folder, Path file) {
    this.store = store;
    this.folder = folder;
    this.file = file;
  }

  static PrivateStore create(Duration timeout) {
    try (PointerScope scope = new PointerScope()) {
      Path folder = Files.createTempDirectory("dapt-gloo");
      Path file = folder.resolve("store");
      FileStore store = new FileStore(file.toString(), -1);
      store.setTimeout(new Milliseconds(timeout.toMillis()));
      // Outlives the memory scope.
      store.retainReference();
      return new PrivateStore(store, folder, file);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot write in " + System.getProperty("java.io.tmpdir") + ": " + e.getMessage(), e);
    }
  }

  FileStore pointer() {
    return store;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    store.releaseReference();
    try {
      Files.deleteIfExists(file);
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot remove " + folder + ": " + e.getMessage(), e);
    }
  }
}
