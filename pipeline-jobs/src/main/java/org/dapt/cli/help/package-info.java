/** How the help of commands looks. */
package org.dapt.cli.help;
