/** Files of rows, each a JSON object by name of field: JSON lines and lists, CSV, Parquet. */
package org.dapt.data.rows;
