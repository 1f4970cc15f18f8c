/** Reading HOCON: documents, their single values as types, and what is wrong with them. */
package org.dapt.config.read;
