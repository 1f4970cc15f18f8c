package org.dapt.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TerminalTest {
  private static final Map<String, String> XTERM = Map.of("TERM", "xterm");

  @Test
  void onlyATerminalGetsColoursAndRedrawnLines() {
    Terminal terminal = new Terminal(XTERM, stream -> stream == Terminal.OUT, Terminal.Colour.AUTO);
    assertThat(terminal.colours(Terminal.OUT)).isTrue();
    assertThat(terminal.redraws(Terminal.OUT)).isTrue();
    assertThat(terminal.colours(Terminal.ERR)).isFalse();
    assertThat(terminal.redraws(Terminal.ERR)).isFalse();
  }

  @Test
  void theEnvironmentForbids() {
    for (Map<String, String> environment :
        java.util.List.of(Map.of("TERM", "dumb"), Map.<String, String>of())) {
      Terminal terminal = new Terminal(environment, stream -> true, Terminal.Colour.AUTO);
      assertThat(terminal.colours(Terminal.OUT)).isFalse();
      assertThat(terminal.redraws(Terminal.OUT)).isFalse();
    }
    Terminal plain =
        new Terminal(
            Map.of("TERM", "xterm", "NO_COLOR", "1"), stream -> true, Terminal.Colour.AUTO);
    assertThat(plain.colours(Terminal.OUT)).isFalse();
    assertThat(plain.redraws(Terminal.OUT)).isTrue();
  }

  @Test
  void theUserHasTheLastWordOnColours() {
    assertThat(new Terminal(Map.of(), stream -> false, Terminal.Colour.ALWAYS).colours(1)).isTrue();
    assertThat(new Terminal(XTERM, stream -> true, Terminal.Colour.NEVER).colours(1)).isFalse();
  }
}
