package org.dapt.compare.outcome;

import java.util.List;
import org.dapt.report.PageAssets;
import org.dapt.report.PageTemplate;

/**
 * Everything that the template of the page refers to. The page holds all that it shows, has no
 * script, and connects to nowhere.
 *
 * @param title of the page
 * @param notes sentences below it
 * @param tables in their order
 * @param version of the dapt that writes it
 * @param assets the styles
 */
public record ComparisonPage(
    String title, List<String> notes, List<ShownTable> tables, String version, PageAssets assets) {
  /** The page as HTML; all of its texts are escaped. */
  static String of(String title, List<String> notes, List<ShownTable> tables, String version) {
    return PageTemplate.render(
        ComparisonPage.class,
        "comparison.ftlh",
        new ComparisonPage(title, notes, tables, version, PageAssets.styles()));
  }
}
