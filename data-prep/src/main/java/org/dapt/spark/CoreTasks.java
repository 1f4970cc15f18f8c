package org.dapt.spark;

import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.resource.ResourceProfileBuilder;
import org.apache.spark.resource.TaskResourceRequests;
import org.dapt.tensor.DeviceChoice;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Option;

/**
 * Work that needs cores only, on a cluster whose tasks ask for GPUs: by stage-level scheduling its
 * tasks take no GPU and run on all cores, also beside a gang that has all GPUs.
 */
public final class CoreTasks {
  private static final Logger LOG = LoggerFactory.getLogger(CoreTasks.class);
  private static final String GPUS = "spark.task.resource.gpu.amount";

  /** Whether the log has the reason already. */
  private static final AtomicBoolean EXPLAINED = new AtomicBoolean();

  private final JavaSparkContext spark;

  /** Null where tasks are as all others. */
  private final ResourceProfile profile;

  private CoreTasks(JavaSparkContext spark, ResourceProfile profile) {
    this.spark = spark;
    this.profile = profile;
  }

  /**
   * Tasks that compute with the model: with a GPU each where tasks are given GPUs and {@code
   * device} lets them compute there, with cores only otherwise.
   */
  public static CoreTasks withModel(JavaSparkContext spark, DeviceChoice device) {
    return device == DeviceChoice.CPU ? of(spark) : new CoreTasks(spark, null);
  }

  /** How {@code spark} can do it; where it cannot, a line in the log says why. */
  public static CoreTasks of(JavaSparkContext spark) {
    if (!spark.getConf().contains(GPUS)) {
      return new CoreTasks(spark, null);
    }
    ResourceProfile profile = profile(spark);
    String obstacle = obstacle(spark, profile);
    if (obstacle != null && EXPLAINED.compareAndSet(false, true)) {
      LOG.info(
          "Stage-level scheduling does not apply, so that tasks without need of a GPU take one"
              + " each, as {} says: {}",
          GPUS,
          obstacle);
    }
    return new CoreTasks(spark, obstacle == null ? profile : null);
  }

  /** One for the whole application: jobs ask for it again and again, and Spark forgets none. */
  private static ResourceProfile profile(JavaSparkContext spark) {
    int cores = spark.getConf().getInt("spark.task.cpus", 1);
    ResourceProfile asked =
        new ResourceProfileBuilder().require(new TaskResourceRequests().cpus(cores)).build();
    Option<ResourceProfile> known = spark.sc().resourceProfileManager().getEquivalentProfile(asked);
    return known.isDefined() ? known.get() : asked;
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
