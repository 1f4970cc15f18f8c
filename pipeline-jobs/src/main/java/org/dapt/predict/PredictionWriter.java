package org.dapt.predict;

import java.io.Closeable;
import java.io.IOException;

/** Writes the predictions of one part. */
interface PredictionWriter extends Closeable {
  /** Appends one. */
  void write(Prediction prediction) throws IOException;
}
