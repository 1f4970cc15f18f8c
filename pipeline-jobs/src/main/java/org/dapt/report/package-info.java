/**
 * What a run has to tell, read once ({@link org.dapt.report.RunResults}), and written as text or as
 * a page ({@link org.dapt.report.HtmlReport}).
 */
package org.dapt.report;
