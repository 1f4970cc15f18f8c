/**
 * A comparison of methods: which runs belong to it, their configurations, and running what is not
 * there yet.
 */
package org.dapt.compare;
