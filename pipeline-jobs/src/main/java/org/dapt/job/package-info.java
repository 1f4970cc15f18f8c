/** What all jobs stand on: their session, context and leases, and the memory that they take. */
package org.dapt.job;
