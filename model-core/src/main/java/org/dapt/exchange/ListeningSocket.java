package org.dapt.exchange;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import org.dapt.error.ConfigException;

/**
 * A socket that listens at one address, handed to native code by its file descriptor.
 *
 * <p>libtorch's store would by itself listen at every address of the machine, without
 * authentication. It takes over a descriptor, but closes it itself: the channel must not be closed
 * after that.
 */
record ListeningSocket(ServerSocketChannel channel, int port, int descriptor) {
  /** Listens at a free port of {@code host}. */
  static ListeningSocket at(String host) {
    try {
      ServerSocketChannel channel = ServerSocketChannel.open();
      channel.bind(new InetSocketAddress(host, 0));
      int port = ((InetSocketAddress) channel.getLocalAddress()).getPort();
      return new ListeningSocket(channel, port, descriptorOf(channel));
    } catch (IOException | RuntimeException e) {
      if (e instanceof ConfigException known) {
        throw known;
      }
      throw new ExchangeException(
          "Cannot listen at a free port of " + host + ": " + e.getMessage(), e);
    }
  }

  private static int descriptorOf(ServerSocketChannel channel) {
    try {
      var method = Class.forName("sun.nio.ch.SelChImpl").getMethod("getFDVal");
      method.setAccessible(true);
      return (int) method.invoke(channel);
    } catch (ReflectiveOperationException | RuntimeException e) {
      throw new ConfigException(
          "Cannot hand a socket to libtorch: start Java with --add-opens=java.base/sun.nio.ch=ALL-UNNAMED, as Spark"
              + " does for its executors.",
          e);
    }
  }
}
