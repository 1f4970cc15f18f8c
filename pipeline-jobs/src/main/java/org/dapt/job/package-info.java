/** The jobs of the pipeline. One job is one class with one readable {@code run}. */
package org.dapt.job;
