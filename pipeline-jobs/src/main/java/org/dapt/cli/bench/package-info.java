/** The commands that measure. */
package org.dapt.cli.bench;
