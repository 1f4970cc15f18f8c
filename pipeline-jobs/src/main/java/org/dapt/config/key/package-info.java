/**
 * What is known of a key beside its value: the components of the records of settings are the keys,
 * and say whether they are hashed, what they were called and what held before there were any.
 */
package org.dapt.config.key;
