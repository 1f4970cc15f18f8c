/** What a comparison has come to: read from the run directories, put into tables, written. */
package org.dapt.compare.outcome;
