/** What all jobs share of Spark: the spread of work, its failures, tables read and written. */
package org.dapt.spark;
