package org.dapt.backbone;

/**
 * A linear layer of an attention or a feed-forward layer that a method may adapt.
 *
 * @param name the module's path, {@code encoder.block.0.layer.0.SelfAttention.q} for example
 * @param role the module's own name, the last part of the path: {@code q}, {@code k}, {@code v},
 *     {@code o} or that of a feed-forward layer, {@code wi} or {@code wo}, in T5
 * @param in number of inputs
 * @param out number of outputs
 */
public record Projection(String name, String role, long in, long out) {}
