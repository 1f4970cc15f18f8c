/** How what is asked becomes the text and the ids that a model sees. */
package org.dapt.data.prompt;
