/** Learning a task on a gang of ranks, from the plan to what is kept. */
package org.dapt.learn;
