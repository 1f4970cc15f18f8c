package org.dapt.compare;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.dapt.config.read.Origins;
import org.dapt.config.read.Reference;
import org.dapt.config.read.SettingReader;
import org.dapt.error.NearestNames;
import org.dapt.error.Shown;
import org.dapt.method.ContinualMethods;

/**
 * The section {@code compare} of a configuration.
 *
 * @param dir folder of the comparison, absolute or with a scheme
 * @param methods their names, in the order of the table
 * @param orders the tasks of each order by its name
 * @param seeds of the runs
 * @param settings what each setting sets, by its name
 * @param overrides what is set for single methods in all settings
 * @param methodFiles folder of files for single methods; null for those that come with dapt
 * @param methodSections what is taken of them
 * @param parallel most runs at once
 * @param samples resamples of the bootstrap
 * @param bootstrapSeed where they are drawn from
 * @param tune what is tried before
 */
public record CompareSettings(
    String dir,
    List<String> methods,
    SortedMap<String, List<String>> orders,
    List<Long> seeds,
    SortedMap<String, ConfigObject> settings,
    SortedMap<String, ConfigObject> overrides,
    String methodFiles,
    List<String> methodSections,
    int parallel,
    int samples,
    long bootstrapSeed,
    TuneSettings tune) {
  /** The section of a setting that is for single methods. */
  static final String OF_METHODS = "methods";

  private static final String ONLY_ORDER = "main";
  private static final String ONLY_SETTING = "base";
  private static final String SETTINGS = "compare.settings";
  private static final String METHOD_FILES = "compare.method-files";
  private static final String METHOD_SECTIONS = "compare.method-sections";
  private static final String NAME = "[A-Za-z0-9_-]{1,64}";

  /**
   * Reads the section; what is wrong with it is a problem of {@code in}.
   *
   * @param replacesOrders whether of the orders only those of the command line count
   */
  static CompareSettings read(SettingReader in, boolean replacesOrders) {
    List<String> methods = methods(in);
    SortedMap<String, ConfigObject> settings = sections(in, SETTINGS);
    settings.keySet().forEach(name -> checkName(in, SETTINGS, name));
    settings.forEach((name, setting) -> checkSetting(in, SETTINGS + "." + name, setting));
    if (settings.isEmpty()) {
      settings.put(ONLY_SETTING, ConfigFactory.empty().root());
    }
    SortedMap<String, ConfigObject> overrides = sections(in, "compare.overrides");
    overrides.forEach(
        (method, override) -> {
          checkMethod(in, "compare.overrides", method);
          OwnKeys.check(in, "compare.overrides." + method, override);
        });
    return new CompareSettings(
        in.path("compare.dir"),
        methods,
        orders(in, replacesOrders),
        seeds(in),
        settings,
        overrides,
        methodFiles(in),
        methodSections(in),
        in.wholeNumber("compare.parallel", 1),
        in.wholeNumber("compare.bootstrap-samples", 1),
        in.anyLong("compare.bootstrap-seed"),
        TuneSettings.read(in));
  }

  private static void checkSetting(SettingReader in, String where, ConfigObject setting) {
    OwnKeys.check(in, where, setting);
    ConfigValue single = setting.get(OF_METHODS);
    String methods = where + "." + OF_METHODS;
    if (single instanceof ConfigObject sections) {
      sections(in, SETTINGS, methods, sections)
          .forEach(
              (method, keys) -> {
                checkMethod(in, SETTINGS, method);
                OwnKeys.check(in, methods + "." + method, keys);
              });
    } else if (single != null) {
      in.values()
          .fail(
              SETTINGS,
              "%s is a value (%s), expected a section of methods: METHOD { train.epochs = 5 }."
                  .formatted(methods, Origins.where(single.origin())));
    }
  }

  private static String methodFiles(SettingReader in) {
    String stated = in.optionalPath(METHOD_FILES);
    if (stated != null && !Files.isDirectory(local(stated))) {
      in.values().reject(METHOD_FILES, "a folder of this machine with files METHOD.conf");
    }
    return stated;
  }

  /** A folder of this machine, which may be stated as a URI. */
  static Path local(String folder) {
    return folder.startsWith("file:") ? Path.of(URI.create(folder).getPath()) : Path.of(folder);
  }

  private static List<String> methodSections(SettingReader in) {
    List<String> stated = in.names(METHOD_SECTIONS);
    Set<String> known = new TreeSet<>(Reference.load().config().root().keySet());
    if (!known.containsAll(stated)) {
      in.values().reject(METHOD_SECTIONS, "some of " + String.join(", ", known));
    }
    return stated;
  }

  private static List<String> methods(SettingReader in) {
    List<String> methods = in.names("compare.methods");
    methods.forEach(method -> checkMethod(in, "compare.methods", method));
    checkTwice(in, "compare.methods", methods);
    return methods;
  }

  /** Reports a name that is no method's. */
  static void checkMethod(SettingReader in, String key, String method) {
    List<String> known = ContinualMethods.names();
    if (!known.contains(method)) {
      in.values()
          .fail(
              key,
              "%s has '%s', which is no method; the nearest is %s, all are %s."
                  .formatted(
                      key,
                      method,
                      known.stream().min(NearestNames.to(method)).orElseThrow(),
                      String.join(", ", known)));
    }
  }

  private static SortedMap<String, List<String>> orders(SettingReader in, boolean replaces) {
    SortedMap<String, List<String>> orders = new TreeMap<>();
    Map<String, ConfigValue> stated =
        in.values().section("compare.orders").orElseGet(() -> ConfigFactory.empty().root());
    stated.forEach(
        (name, tasks) -> {
          if (!replaces || Origins.isCommandLine(tasks.origin())) {
            checkName(in, "compare.orders", name);
            orders.put(name, in.taskNames("compare.orders." + ConfigUtil.joinPath(name)));
          }
        });
    if (!orders.isEmpty()) {
      OwnKeys.checkCounts(in, "tasks.order", "compare.orders");
    } else {
      orders.put(ONLY_ORDER, in.taskNames("tasks.order"));
    }
    orders.forEach(
        (name, tasks) -> {
          if (tasks.isEmpty() && in.values().areSound("compare.orders." + name, "tasks.order")) {
            in.values()
                .fail(
                    "compare.orders",
                    "The order %s has no tasks: expected names of folders below tasks.root, in compare.orders or tasks.order."
                        .formatted(name));
          }
        });
    return orders;
  }

  private static List<Long> seeds(SettingReader in) {
    List<Long> seeds = new ArrayList<>();
    ConfigValue stated =
        in.values().section("compare").map(section -> section.get("seeds")).orElse(null);
    if (stated != null
        && stated.valueType() == ConfigValueType.LIST
        && ((List<?>) stated).isEmpty()) {
      seeds.add(in.anyLong("run.seed"));
      return seeds;
    }
    OwnKeys.checkCounts(in, "run.seed", "compare.seeds");
    try {
      in.names("compare.seeds").forEach(text -> seeds.add(Long.parseLong(text)));
    } catch (NumberFormatException e) {
      in.values().reject("compare.seeds", "a list of whole numbers");
      return seeds;
    }
    checkTwice(in, "compare.seeds", seeds);
    return seeds;
  }

  static void checkTwice(SettingReader in, String key, List<?> values) {
    if (new HashSet<>(values).size() < values.size()) {
      in.values().reject(key, "each of them once");
    }
  }

  private static void checkName(SettingReader in, String key, String name) {
    if (!name.matches(NAME)) {
      in.values()
          .fail(
              key,
              "%s has the name '%s', expected up to 64 letters, digits, _ and -: it becomes part of the names of folders."
                  .formatted(key, Shown.of(name)));
    }
  }

  /** The sections below {@code key}. */
  static SortedMap<String, ConfigObject> sections(SettingReader in, String key) {
    return in.values().section(key).map(all -> sections(in, key, key, all)).orElseGet(TreeMap::new);
  }

  /** Those of {@code all}, which messages call {@code where}. */
  private static SortedMap<String, ConfigObject> sections(
      SettingReader in, String key, String where, ConfigObject all) {
    SortedMap<String, ConfigObject> sections = new TreeMap<>();
    all.forEach(
        (name, value) -> {
          if (value instanceof ConfigObject section) {
            sections.put(name, section);
          } else {
            in.values()
                .fail(
                    key,
                    "%s.%s is a value (%s), expected a section of keys: NAME { train.epochs = 5 }."
                        .formatted(where, name, Origins.where(value.origin())));
          }
        });
    return sections;
  }
}
