/** What a prepared task holds: the manifest, its JSON form and its statistics. */
package org.dapt.data.manifest;
