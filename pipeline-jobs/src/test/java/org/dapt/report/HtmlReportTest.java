package org.dapt.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.dapt.metric.ScoreMatrix;
import org.dapt.report.Page.Fact;
import org.dapt.run.TrainingCost;
import org.dapt.run.TrainingSummary;
import org.junit.jupiter.api.Test;

/** The page as text; python-tests look at it in a browser. */
class HtmlReportTest {
  private static final String HOSTILE =
      "</script></style><img src=x onerror=alert(1)>\" onmouseover=\"alert(2)\" '${7*7} <#if> {{a}}"
          + " &amp; -->";

  @Test
  void everyTextOfTheDataIsEscaped() {
    String html = HtmlReport.render(page(HOSTILE));
    String plain = HtmlReport.render(page("Plainword"));
    assertThat(html)
        .doesNotContain("<img")
        .doesNotContain("onerror=alert(1)>")
        .doesNotContain("\" onmouseover");
    for (String tag :
        List.of("<script", "</script", "<style", "</style", "<!--", "-->", "<td", "<p")) {
      assertThat(count(html, tag)).as(tag).isEqualTo(count(plain, tag));
    }
    // Wherever a plain text appears, the hostile one does: nothing was dropped.
    assertThat(count(html, "&lt;/script&gt;&lt;/style&gt;&lt;img src=x onerror=alert(1)&gt;"))
        .isEqualTo(count(plain, "Plainword"));
    assertThat(html).contains("&amp;amp; --&gt;", "${7*7} &lt;#if&gt; {{a}}");
  }

  @Test
  void nothingIsLoadedFromAnywhere() {
    String html = HtmlReport.render(page("text"));
    assertThat(matches(html, "(?i)\\s(?:src|href|action|srcset)\\s*=\\s*[\"']?([^\"'\\s>]+)"))
        .isNotEmpty()
        .allMatch(target -> target.startsWith("#") || target.equals("data:,"));
    assertThat(html.toLowerCase(java.util.Locale.ROOT))
        .doesNotContain(
            "url(", "@import", "<iframe", "<object", "<embed", "fetch(", "xmlhttprequest");
  }

  @Test
  void thePolicyAllowsTheScriptsOfThePageAndNoOther() throws Exception {
    String html = HtmlReport.render(page(HOSTILE));
    List<String> scripts = matches(html, "(?s)<script>(.*?)</script>");
    assertThat(scripts).hasSize(2);
    StringBuilder allowed = new StringBuilder("script-src");
    for (String script : scripts) {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
      allowed
          .append(" &#39;sha256-")
          .append(Base64.getEncoder().encodeToString(digest))
          .append("&#39;");
    }
    assertThat(html).contains("default-src &#39;none&#39;", allowed + "\"");
  }

  @Test
  void whatIsMissingIsSaid() {
    Page nothing =
        new Page(
            List.of(),
            List.of("Nothing is here."),
            List.of(),
            List.of(),
            null,
            null,
            List.of(),
            List.of(),
            0,
            "test",
            List.of(),
            List.of(),
            List.of(),
            "",
            List.of(),
            "{}",
            PageAssets.load());
    assertThat(HtmlReport.render(nothing))
        .contains("Nothing is here.", "No task is learnt yet.", "No losses are stored yet.")
        .doesNotContain("id=\"matrix\"", "<table");
  }

  @Test
  void aDrawOfTestExamplesIsNamedAsOne() {
    assertThat(HtmlReport.render(page("x")))
        .contains("</data> of 70, drawn, held out of train</td>");
  }

  @Test
  void whoseExamplesAreAnsweredIsSaid() {
    assertThat(HtmlReport.render(page("x")))
        .contains("<th scope=\"col\">Dev examples</th>", "<p>Dev examples that were answered");
  }

  @Test
  void unseenTasksAreShownByCategoryAndAScoreThatIsMissingIsNotZero() {
    assertThat(HtmlReport.render(page("x")))
        .contains(
            "href=\"#unseen\"", "id=\"table-unseen-1\"", "answered by what it had learnt after t2")
        .contains("<td><data value=\"12.5\">12.50</data></td><td>–</td>")
        .contains("id=\"table-unseen-attention-1\"");
  }

  @Test
  void lossesAreOfTheTaskThatTheyAreOfThoughEarlierOnesHaveNone() {
    assertThat(HtmlReport.render(page("x")))
        .containsPattern(
            "(?s)id=\"table-losses\".*<th scope=\"row\" title=\"b\"><b>t2</b> .*id=\"cost\"");
  }

  @Test
  void longTextsAreCutAndEmptyOnesNamed() {
    Page page = page("x");
    assertThat(page.shown("")).isEqualTo("(empty)");
    assertThat(page.shown("a".repeat(600))).isEqualTo("a".repeat(600));
    assertThat(page.shown("𝄞".repeat(602))).isEqualTo("𝄞".repeat(600) + " … (2 more characters)");
  }

  @Test
  void numbersShowNoSignBeforeZero() {
    assertThat(Numbers.text("%+.2f", -0.001)).isEqualTo("0.00");
    assertThat(Numbers.text("%+.2f", 1.5)).isEqualTo("+1.50");
    assertThat(Numbers.text("%.2f", 0)).isEqualTo("0.00");
  }

  /** A page where every text is {@code text}. */
  private static Page page(String text) {
    ScoreMatrix matrix =
        ScoreMatrix.of(List.of(text, "second")).set(0, 0, 80).set(1, 0, 50).set(1, 1, 90).build();
    HeatMap map = HeatMap.of("Scores", matrix);
    return new Page(
        List.of(new Fact("run", text)),
        List.of(text),
        List.of(new MetricLine("AP", "average", 70.0, "70.00", "", "higher", "1/T", "mean")),
        List.of(
            new TaskLine("t1", text, 10L, 70L, true, 80.0, 80.0, 50.0),
            new TaskLine("t2", "b", null, null, false, null, null, null)),
        map,
        map,
        List.of(map),
        List.of(
            new UnseenSection(
                text,
                2,
                List.of("ROUGE-L", text),
                List.of(
                    new UnseenSection.Line("", text, 30, Arrays.asList(12.5, null)),
                    new UnseenSection.Line("u1", text, 30, Arrays.asList(12.5, null))),
                map)),
        2,
        "dev",
        List.of(
            new ForgottenTask(
                1,
                text,
                10,
                8,
                5,
                3,
                0,
                List.of(
                    new ForgottenTask.Example(text, text, List.of(text, text), text, text, 1, 2)))),
        List.of(
            new LossCurve(
                "b", 1, List.of(new LossCurve.Point(1, 2, 1.5, Map.of("reflection", 0.25))))),
        List.of(
            new TrainingCost(
                text,
                new TrainingSummary(
                    "abc", "", 1, 1, 2, 6, 3, 1, "local", 4 << 20, 0, 0, 0, null, null, Map.of()))),
        text,
        List.of(new Fact("Run id", text)),
        "{\"steps\":[]}",
        PageAssets.load());
  }

  private static int count(String text, String part) {
    return text.split(Pattern.quote(part), -1).length - 1;
  }

  private static List<String> matches(String text, String regex) {
    return Pattern.compile(regex).matcher(text).results().map(HtmlReportTest::first).toList();
  }

  private static String first(MatchResult match) {
    return match.group(1);
  }
}
