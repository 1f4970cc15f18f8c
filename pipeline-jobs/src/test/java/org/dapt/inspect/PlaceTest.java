package org.dapt.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlaceTest {
  @TempDir private Path folder;

  /** As a run that goes on removes checkpoints and leases. */
  @Test
  void whatIsRemovedMeanwhileCountsNothing() throws IOException {
    Files.writeString(Files.createDirectories(folder.resolve("run/more")).resolve("kept"), "1234");
    Files.writeString(folder.resolve("run/checkpoint.gone"), "12345678");
    Files.writeString(Files.createDirectories(folder.resolve("run/folder.gone")).resolve("a"), "1");
    Configuration hadoop = new Configuration();
    hadoop.set("fs.vanishing.impl", VanishingFileSystem.class.getName());
    Place place = Place.of(hadoop, new org.apache.hadoop.fs.Path("vanishing:" + folder + "/run"));
    assertThat(place.bytes()).isEqualTo(4);
    assertThat(place.child("folder.gone").children()).isEmpty();
  }

  @Test
  void aLeaseThatADyingProcessLeftEmptyIsNobodysKnown() throws IOException {
    Place lease =
        Place.of(new Configuration(), new org.apache.hadoop.fs.Path(folder.toUri())).child("lease");
    assertThat(lease.leaseOwner()).isNull();
    Files.writeString(folder.resolve("lease"), "");
    assertThat(lease.leaseOwner()).contains("an unknown process", "empty or damaged");
  }

  /** Somebody removes what was listed. */
  public static final class VanishingFileSystem extends RawLocalFileSystem {
    @Override
    public URI getUri() {
      return URI.create("vanishing:///");
    }

    @Override
    public String getScheme() {
      return "vanishing";
    }

    @Override
    public FileStatus[] listStatus(org.apache.hadoop.fs.Path path) throws IOException {
      FileStatus[] listed = super.listStatus(path);
      for (FileStatus status : listed) {
        if (status.getPath().getName().endsWith(".gone")) {
          delete(status.getPath(), true);
        }
      }
      return listed;
    }
  }
}
