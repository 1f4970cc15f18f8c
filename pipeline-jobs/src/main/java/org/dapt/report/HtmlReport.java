package org.dapt.report;

import freemarker.core.HTMLOutputFormat;
import freemarker.template.Configuration;
import freemarker.template.TemplateException;
import freemarker.template.TemplateExceptionHandler;
import java.io.IOException;
import java.io.StringWriter;
import java.util.Locale;
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
    Configuration templates = new Configuration(Configuration.VERSION_2_3_34);
    templates.setClassForTemplateLoading(HtmlReport.class, "");
    templates.setDefaultEncoding("UTF-8");
    templates.setLocale(Locale.ROOT);
    templates.setOutputFormat(HTMLOutputFormat.INSTANCE);
    templates.setTemplateExceptionHandler(TemplateExceptionHandler.RETHROW_HANDLER);
    templates.setLogTemplateExceptions(false);
    try {
      StringWriter html = new StringWriter();
      templates.getTemplate("page.ftlh").process(page, html);
      return html.toString();
    } catch (IOException | TemplateException e) {
      throw new IllegalStateException("The template of the report does not fit its page", e);
    }
  }
}
