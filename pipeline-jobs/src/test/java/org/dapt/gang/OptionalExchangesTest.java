package org.dapt.gang;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.dapt.exchange.ExchangeProvider;
import org.junit.jupiter.api.Test;

/** What the product consists of by default has no exchange of an optional module. */
class OptionalExchangesTest {
  @Test
  void nothingOfBigDlIsOnTheClassPath() {
    assertThat(ExchangeProvider.names()).containsExactly("gloo", "local", "spark");
    assertThatThrownBy(() -> Class.forName("com.intel.analytics.bigdl.mkl.MKL"))
        .isInstanceOf(ClassNotFoundException.class);
    assertThat(System.getProperty("java.class.path")).doesNotContain("bigdl-", "breeze");
  }
}
