/** Conversations, and how a model's own template writes them. */
package org.dapt.chat;
