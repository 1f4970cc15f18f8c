package org.dapt.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class GlooExchangeTest {
  @Test
  void theStoreListensAtTheRanksOwnAddressOnly() throws Exception {
    LoneRank rank = new LoneRank();
    GradientExchange exchange = ExchangeProvider.named("gloo").open(rank);
    try {
      int port = Integer.parseInt(rank.offered.substring(rank.offered.indexOf(' ') + 1));
      try (Socket socket = new Socket(loopback(1), port)) {
        assertThat(socket.isConnected()).isTrue();
      }
      assertThatThrownBy(() -> new Socket(loopback(2), port)).isInstanceOf(ConnectException.class);
    } finally {
      exchange.close();
    }
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

  private static InetAddress loopback(int last) throws UnknownHostException {
    return InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) last});
  }

  /** A gang of one. */
  private static class LoneRank implements Rendezvous {
    private String offered;

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
      offered = text;
      return List.of(text);
    }
  }
}
