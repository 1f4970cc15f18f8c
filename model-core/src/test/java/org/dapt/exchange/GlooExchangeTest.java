package org.dapt.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class GlooExchangeTest {
  /** There is no store to join, so a stranger finds only the sockets for the peers' connections. */
  @Test
  void strangersNeitherJoinNorStopNorAlterASum() throws Exception {
    Set<String> before = listening();
    CountDownLatch open = new CountDownLatch(2);
    AtomicBoolean over = new AtomicBoolean();
    List<Future<Integer>> gang =
        new ThreadGang("gloo", 2, Duration.ofSeconds(60))
            .start(
                end -> {
                  open.countDown();
                  int sums = 0;
                  for (float goOn = 1; goOn > 0; sums++) {
                    try (PointerScope scope = new PointerScope()) {
                      Tensor flat = Tensor.create(3f, end.rank(), over.get() ? 0f : 1f);
                      end.sum(flat);
                      assertThat(flat.data_ptr_float().get(0)).isEqualTo(6f);
                      assertThat(flat.data_ptr_float().get(1)).isEqualTo(1f);
                      goOn = flat.data_ptr_float().get(2) < 2 ? 0 : 1;
                    }
                  }
                  return sums;
                });
    assertThat(open.await(60, TimeUnit.SECONDS)).isTrue();
    Set<String> sockets = listening();
    sockets.removeAll(before);
    assertThat(sockets).isNotEmpty().allMatch(socket -> socket.startsWith("0100007F:"));
    Random random = new Random(7);
    List<Socket> strangers = new ArrayList<>();
    try {
      for (String address : sockets) {
        int port = Integer.parseInt(address.substring(address.indexOf(':') + 1), 16);
        // A port scan: no word, and gone.
        new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port).close();
        for (int bytes : new int[] {1, 7, 8, 4096}) {
          byte[] noise = new byte[bytes];
          random.nextBytes(noise);
          strangers.add(say(port, noise));
        }
        // Gloo's peers say which connection they are with a number of eight bytes.
        for (int number = 0; number < 8; number++) {
          strangers.add(say(port, new byte[] {(byte) number, 0, 0, 0, 0, 0, 0, 0}));
        }
      }
      Thread.sleep(500);
    } finally {
      over.set(true);
      for (Socket stranger : strangers) {
        stranger.close();
      }
    }
    assertThat(gang.get(0).get(60, TimeUnit.SECONDS)).isGreaterThan(1);
    assertThat(gang.get(1).get(60, TimeUnit.SECONDS)).isEqualTo(gang.get(0).get());
  }

  private static Socket say(int port, byte[] words) throws IOException {
    Socket socket = new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
    socket.getOutputStream().write(words);
    return socket;
  }

  /** The sockets at which this process listens, as address and port in hexadecimal digits. */
  private static Set<String> listening() throws IOException {
    Set<String> own = new HashSet<>();
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      for (Path descriptor : descriptors.toList()) {
        if (Files.isSymbolicLink(descriptor)) {
          own.add(Files.readSymbolicLink(descriptor).toString());
        }
      }
    }
    Set<String> found = new HashSet<>();
    for (String table : List.of("/proc/self/net/tcp", "/proc/self/net/tcp6")) {
      for (String line : Files.readAllLines(Path.of(table))) {
        String[] columns = line.strip().split("\\s+", -1);
        if (columns[3].equals("0A") && own.contains("socket:[" + columns[9] + "]")) {
          found.add(columns[1]);
        }
      }
    }
    return found;
  }

  @Test
  void outlivesTheMemoryScopeInWhichItWasOpened() {
    GradientExchange exchange;
    try (PointerScope scope = new PointerScope()) {
      exchange = ExchangeProvider.named("gloo").open(new LoneRank());
    }
    try (exchange;
        PointerScope scope = new PointerScope()) {
      Tensor flat = Tensor.create(3f, 4f);
      exchange.sum(flat);
      assertThat(flat.sum().item_float()).isEqualTo(7f);
    }
  }

  @Test
  void aHostThatIsNotThisMachineIsNamed() {
    LoneRank elsewhere =
        new LoneRank() {
          @Override
          public String host() {
            return "192.0.2.7";
          }
        };
    assertThatThrownBy(() -> ExchangeProvider.named("gloo").open(elsewhere))
        .isInstanceOf(ExchangeException.class)
        .hasMessageContaining("192.0.2.7");
  }

  @Test
  void aRankWhosePeersFailToSetUpDoesNotWaitForThem() {
    LoneRank abandoned =
        new LoneRank() {
          @Override
          public int ranks() {
            return 2;
          }

          @Override
          public List<String> gather(String text) {
            throw new ExchangeException("a peer failed to set up", null);
          }
        };
    long start = System.nanoTime();
    assertThatThrownBy(() -> ExchangeProvider.named("gloo").open(abandoned))
        .isInstanceOf(ExchangeException.class)
        .hasMessage("a peer failed to set up");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
  }

  /** A gang of one. */
  private static class LoneRank implements Rendezvous {
    @Override
    public int rank() {
      return 0;
    }

    @Override
    public int ranks() {
      return 1;
    }

    @Override
    public String host() {
      return "127.0.0.1";
    }

    @Override
    public Duration timeout() {
      return Duration.ofSeconds(20);
    }

    @Override
    public List<String> gather(String text) {
      return List.of(text);
    }
  }
}
