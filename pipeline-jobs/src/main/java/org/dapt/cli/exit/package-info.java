/** How commands end: failures, signals, exit codes. */
package org.dapt.cli.exit;
