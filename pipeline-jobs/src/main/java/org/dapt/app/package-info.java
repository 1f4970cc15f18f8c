/** What the commands do: the order of the jobs, and what they would do. */
package org.dapt.app;
