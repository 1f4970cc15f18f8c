/** The job that prepares a task with Spark. */
package org.dapt.data.prepare;
