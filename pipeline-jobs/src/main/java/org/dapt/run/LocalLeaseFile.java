package org.dapt.run;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.UUID;
import org.dapt.data.file.AtomicFile;

/** A lease on a local or mounted file system, by its own exclusive creation and atomic renaming. */
record LocalLeaseFile(Path file) implements LeaseFile {
  @Override
  public Optional<byte[]> read() throws IOException {
    try {
      return Optional.of(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  @Override
  public boolean create(byte[] content) throws IOException {
    Files.createDirectories(file.getParent());
    try {
      Files.write(file, content, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    }
  }

  @Override
  public boolean exclusive() {
    return true;
  }

  @Override
  public void replace(byte[] content) throws IOException {
    Path temporary =
        file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID() + AtomicFile.SUFFIX);
    try {
      Files.write(temporary, content, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  @Override
  public void delete() throws IOException {
    Files.deleteIfExists(file);
  }
}
