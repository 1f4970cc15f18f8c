/** Parameter-efficient tuning blocks and the bank that mixes them. */
package org.dapt.pet;
