/** Look-up of what jars on the class path add: methods, backbones, exchanges, readers, sinks. */
package org.dapt.service;
