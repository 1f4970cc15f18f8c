package org.dapt.backbone;

/**
 * A linear layer of an attention that a method may adapt.
 *
 * @param name the module's path, {@code encoder.block.0.layer.0.SelfAttention.q} for example
 * @param role the module's own name, the last part of the path: {@code q}, {@code k}, {@code v} or
 *     {@code o} in T5
 * @param in number of inputs
 * @param out number of outputs
 */
public record Projection(String name, String role, long in, long out) {}
