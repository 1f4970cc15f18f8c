/** Tasks whose instances are rows of tables: which fields count, and which rows are whose. */
package org.dapt.data.table;
