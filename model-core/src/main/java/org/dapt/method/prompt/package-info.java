/** What methods of soft prompts have in common. */
package org.dapt.method.prompt;
