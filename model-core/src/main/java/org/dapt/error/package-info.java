/** Failures with the exit code they lead to. */
package org.dapt.error;
