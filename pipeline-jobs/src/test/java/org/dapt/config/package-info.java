/** Tests of the configuration. */
package org.dapt.config;
