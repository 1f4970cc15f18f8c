package org.dapt.report;

import freemarker.core.HTMLOutputFormat;
import freemarker.template.Configuration;
import freemarker.template.TemplateException;
import freemarker.template.TemplateExceptionHandler;
import java.io.IOException;
import java.io.StringWriter;
import java.util.Locale;

/** Makes pages of templates that lie beside classes. */
public final class PageTemplate {
  private PageTemplate() {}

  /**
   * The page as HTML. All texts are escaped but those that the template says are not.
   *
   * @param owner the class that the template lies beside
   * @param model what the template refers to
   */
  public static String render(Class<?> owner, String template, Object model) {
    Configuration templates = new Configuration(Configuration.VERSION_2_3_34);
    templates.setClassForTemplateLoading(owner, "");
    templates.setDefaultEncoding("UTF-8");
    templates.setLocale(Locale.ROOT);
    templates.setOutputFormat(HTMLOutputFormat.INSTANCE);
    templates.setTemplateExceptionHandler(TemplateExceptionHandler.RETHROW_HANDLER);
    templates.setLogTemplateExceptions(false);
    try {
      StringWriter html = new StringWriter();
      templates.getTemplate(template).process(model, html);
      return html.toString();
    } catch (IOException | TemplateException e) {
      throw new IllegalStateException("The template " + template + " does not fit its page", e);
    }
  }
}
