/** Tests of what a terminal gets. */
package org.dapt.terminal;
