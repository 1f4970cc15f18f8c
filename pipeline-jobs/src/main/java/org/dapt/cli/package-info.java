/** The command line. */
package org.dapt.cli;
