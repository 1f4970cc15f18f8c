/** What a terminal can show that a file cannot: colours and lines that are drawn again. */
package org.dapt.terminal;
