package org.dapt.spark;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;

/** The cores that Spark has where it is this process. */
public final class LocalCores {
  private static final Pattern LOCAL = Pattern.compile("local\\[(\\*|[0-9]+)(,.*)?]");

  private LocalCores() {}

  /**
   * N of {@code local[N]}, those of this machine for {@code local[*]}, otherwise 1.
   *
   * @param conf with a master
   */
  public static int of(SparkConf conf) {
    Matcher cores = LOCAL.matcher(conf.get("spark.master"));
    if (!cores.matches()) {
      return 1;
    }
    return cores.group(1).equals("*") ? ofMachine() : Integer.parseInt(cores.group(1));
  }

  /**
   * Whether tasks run in this process.
   *
   * @param conf with a master
   */
  public static boolean areTasksHere(SparkConf conf) {
    String master = conf.get("spark.master");
    return master.equals("local") || master.startsWith("local[");
  }

  /** Those that this process may use. */
  static int ofMachine() {
    return Runtime.getRuntime().availableProcessors();
  }
}
