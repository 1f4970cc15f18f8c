/** SHA-256, as everything that is stored or compared by its digest uses it. */
package org.dapt.digest;
