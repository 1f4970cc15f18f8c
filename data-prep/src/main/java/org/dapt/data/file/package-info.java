/** Files on any Hadoop file system: atomic publication and digests. */
package org.dapt.data.file;
