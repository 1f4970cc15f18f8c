package org.dapt.data.spark;

import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.resource.ResourceProfileBuilder;
import org.apache.spark.resource.TaskResourceRequests;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work that needs cores only, on a cluster whose tasks ask for GPUs: by stage-level scheduling its
 * tasks take no GPU and run on all cores, also beside a gang that has all GPUs.
 */
public final class CoreTasks {
  private static final Logger LOG = LoggerFactory.getLogger(CoreTasks.class);
  private static final String GPUS = "spark.task.resource.gpu.amount";

  private final JavaSparkContext spark;

  /** Null where tasks are as all others. */
  private final ResourceProfile profile;

  private CoreTasks(JavaSparkContext spark, ResourceProfile profile) {
    this.spark = spark;
    this.profile = profile;
  }

  /** How {@code spark} can do it; where it cannot, a line in the log says why. */
  public static CoreTasks of(JavaSparkContext spark) {
    if (!spark.getConf().contains(GPUS)) {
      return new CoreTasks(spark, null);
    }
    int cores = spark.getConf().getInt("spark.task.cpus", 1);
    ResourceProfile profile =
        new ResourceProfileBuilder().require(new TaskResourceRequests().cpus(cores)).build();
    String obstacle = obstacle(spark, profile);
    if (obstacle != null) {
      LOG.info(
          "Stage-level scheduling does not apply, so that tasks without need of a GPU take one each, as {} says: {}",
          GPUS,
          obstacle);
      return new CoreTasks(spark, null);
    }
    return new CoreTasks(spark, profile);
  }

  /** {@code work} with tasks that take cores only. */
  public <T> JavaRDD<T> of(JavaRDD<T> work) {
    return profile == null ? work : work.withResources(profile);
  }

  /** How many such tasks run at once now. */
  public int slots() {
    return spark
        .sc()
        .maxNumConcurrentTasks(
            profile == null
                ? spark.sc().resourceProfileManager().defaultResourceProfile()
                : profile);
  }

  /** Why Spark refuses the profile; null if it does not. */
  private static String obstacle(JavaSparkContext spark, ResourceProfile profile) {
    try {
      if (!spark.sc().resourceProfileManager().isSupported(profile)) {
        return "the master " + spark.master() + " knows no profiles of resources";
      }
      // Spark plans by profiles that it knows.
      spark.sc().resourceProfileManager().addResourceProfile(profile);
      return null;
    } catch (Exception e) {
      // Scala declares no exceptions, so that it cannot be caught by its type.
      if (e instanceof SparkException refused) {
        return refused.getMessage();
      }
      throw e;
    }
  }
}
