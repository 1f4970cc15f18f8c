package org.dapt.replay;

import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.dapt.method.MethodContext;
import org.dapt.method.Predictor;

/** What answers with samples, on whichever executor it is asked. */
interface SampleSource extends Serializable {
  /** What it is asked for a sample of {@code task}. */
  String request(String task);

  /** That which answers, in the open scope; the caller closes it. */
  Predictor open(MethodContext context, Configuration hadoop, String task) throws IOException;

  /** What tells its draws for samples of {@code task} from those of others. */
  List<String> key(String task);
}
