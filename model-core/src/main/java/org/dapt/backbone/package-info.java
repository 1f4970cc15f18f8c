/** Frozen language models: what a method sees of them, and how they are found by architecture. */
package org.dapt.backbone;
