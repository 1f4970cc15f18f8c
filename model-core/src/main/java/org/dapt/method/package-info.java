/**
 * Methods of continual learning: what each learns for a task, keeps of it, and applies to an input.
 */
package org.dapt.method;
