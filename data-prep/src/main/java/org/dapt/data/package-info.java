/** Preparation of tasks: from the benchmark's files to tokenised shards with a manifest. */
package org.dapt.data;
