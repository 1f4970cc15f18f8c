package org.dapt.report;

import org.apache.spark.sql.SparkSession;

/**
 * The report as one page for a browser: styles, scripts and data are in it, and it connects to
 * nowhere. Its tables need no script; the script draws the charts from the same figures.
 */
public final class HtmlReport {
  private HtmlReport() {}

  /**
   * The page of everything that was learnt and evaluated so far, also where that is nothing.
   *
   * @param version of the dapt that writes it
   * @throws org.dapt.error.InputException if stored tables are damaged
   */
  public static String of(SparkSession spark, RunResults results, String version) {
    return render(new PageReader(spark, results, version).read());
  }

  /** The page as HTML. All of its texts are escaped but those of {@link PageAssets}. */
  static String render(Page page) {
    return PageTemplate.render(HtmlReport.class, "page.ftlh", page);
  }
}
