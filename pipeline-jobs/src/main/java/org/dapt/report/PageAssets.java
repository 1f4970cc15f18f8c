package org.dapt.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import org.dapt.digest.Sha256;

/**
 * The styles and scripts that stand in every page.
 *
 * @param style all rules
 * @param scripts each to be one element of its own, byte for byte
 * @param licence of the charts' library, with its copyright notice
 */
public record PageAssets(String style, List<String> scripts, String licence) {
  private static final String CHARTS = "/META-INF/resources/webjars/uplot/1.6.30/";

  /** Reads them from the class path. */
  static PageAssets load() {
    return new PageAssets(
        text(CHARTS + "dist/uPlot.min.css") + "\n" + text("page.css"),
        List.of(text(CHARTS + "dist/uPlot.iife.min.js"), text("charts.js")),
        text(CHARTS + "LICENSE"));
  }

  /** The styles alone, for pages without charts. */
  public static PageAssets styles() {
    return new PageAssets(text("page.css"), List.of(), "");
  }

  /** Allows the page nothing but these scripts and its own styles: no connection to anywhere. */
  public String policy() {
    String allowed =
        scripts.stream()
            .map(script -> "'sha256-" + digest(script) + "'")
            .collect(Collectors.joining(" "));
    return "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src "
        + (allowed.isEmpty() ? "'none'" : allowed);
  }

  private static String digest(String script) {
    byte[] bytes = script.getBytes(StandardCharsets.UTF_8);
    return Base64.getEncoder().encodeToString(Sha256.start().digest(bytes));
  }

  private static String text(String name) {
    try (InputStream in = PageAssets.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is not on the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
