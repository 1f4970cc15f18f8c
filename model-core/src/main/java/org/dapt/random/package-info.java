/** Random numbers that depend on nothing but a seed and the purpose they are drawn for. */
package org.dapt.random;
