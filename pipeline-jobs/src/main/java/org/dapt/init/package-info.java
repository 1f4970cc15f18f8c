/** A first configuration, made from a look at data and model. */
package org.dapt.init;
