/**
 * Prepared tasks: Parquet shards of tokenised examples with their manifest, and the endless order
 * in which training takes them.
 */
package org.dapt.data.shard;
