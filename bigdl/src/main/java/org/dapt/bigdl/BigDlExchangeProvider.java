package org.dapt.bigdl;

import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.dapt.error.ConfigException;
import org.dapt.exchange.ExchangeProvider;
import org.dapt.exchange.GradientExchange;
import org.dapt.exchange.Rendezvous;
import org.dapt.gang.spark.Mailbox;

/**
 * {@code bigdl}: float32 vectors are summed by BigDL's AllReduceParameter, as exactly as by every
 * other exchange. Needs no port beside Spark's own, and is authenticated and encrypted as Spark's
 * block transfers are.
 */
public class BigDlExchangeProvider implements ExchangeProvider {
  @Override
  public String name() {
    return "bigdl";
  }

  @Override
  public boolean plaintext() {
    return false;
  }

  /** What BigDL calls the form in which numbers travel. */
  String compression() {
    return "none";
  }

  /** How many numbers at the end of a vector are summed without BigDL and its compression. */
  int exact() {
    return 0;
  }

  @Override
  public GradientExchange open(Rendezvous rendezvous) {
    Mailbox mailbox = Mailbox.open(rendezvous, name());
    if (TaskContext.get() == null || TaskContext.getPartitionId() != rendezvous.rank()) {
      throw new ConfigException(
          "train.exchange is \""
              + name()
              + "\", but rank "
              + rendezvous.rank()
              + " is no Spark task of that number, by which BigDL knows it. Use \"local\" or"
              + " \"gloo\" there.");
    }
    try {
      Engine.start();
    } catch (LinkageError e) {
      throw new ConfigException(
          "train.exchange is \""
              + name()
              + "\", but BigDL cannot be loaded on "
              + rendezvous.host()
              + ": "
              + e
              + ". It needs Linux on x86-64, a dapt built with -Pbigdl, whose lib folder every"
              + " executor is given, and the jars of Spark's MLlib. Or set train.exchange to"
              + " \"spark\".",
          e);
    }
    return new BigDlExchange(
        name(),
        compression(),
        exact(),
        mailbox,
        rendezvous.timeout(),
        new PinnedBlocks(SparkEnv.get().blockManager()));
  }
}
