/** How work is spread over the executors of Spark. */
package org.dapt.data.spark;
