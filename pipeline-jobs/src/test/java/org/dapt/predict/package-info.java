/** Tests of predictions. */
package org.dapt.predict;
