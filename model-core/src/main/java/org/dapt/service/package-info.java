/**
 * Look-up of what jars on the class path add: methods, backbones, exchanges, engines of realign,
 * readers, sinks.
 */
package org.dapt.service;
