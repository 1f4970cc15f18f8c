/** What the value of a key or of an option may be. */
package org.dapt.option;
