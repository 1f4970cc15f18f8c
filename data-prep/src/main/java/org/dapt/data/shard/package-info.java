/** Parquet shards of tokenised examples and the endless order in which training takes them. */
package org.dapt.data.shard;
