package org.dapt.chat;

import java.io.Serializable;

/**
 * What one side of a conversation says.
 *
 * @param role {@code system}, {@code user}, {@code assistant}, or another that the template knows
 * @param content the text
 */
public record ChatMessage(String role, String content) implements Serializable {}
