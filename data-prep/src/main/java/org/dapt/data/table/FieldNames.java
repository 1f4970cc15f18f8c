package org.dapt.data.table;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.dapt.error.InputException;
import org.dapt.error.NearestNames;
import org.dapt.error.Shown;

/**
 * In which fields of a row that is what counts. A name with dots, as {@code answers.text}, leads
 * into a field of fields, unless a field has this very name.
 *
 * @param names by {@link Field#key()}; a blank one says that no field is meant
 */
public record FieldNames(SortedMap<String, String> names) implements Serializable {
  private static final int SHOWN = 40;

  /** Copies the map. */
  public FieldNames {
    names = Collections.unmodifiableSortedMap(new TreeMap<>(names));
  }

  /** With these names. */
  public static FieldNames of(Map<String, String> names) {
    return new FieldNames(new TreeMap<>(names));
  }

  /** The name of {@code field}; null where there is none. */
  public String of(Field field) {
    String name = names.get(field.key());
    return name == null || name.isBlank() ? null : name;
  }

  /** The names of the columns that hold these fields. */
  Set<String> columns() {
    Set<String> columns = new java.util.TreeSet<>();
    for (Field field : Field.values()) {
      String name = of(field);
      if (name != null) {
        columns.add(name);
        columns.add(name.contains(".") ? name.substring(0, name.indexOf('.')) : name);
      }
    }
    return columns;
  }

  /**
   * These names, with usual ones for fields that the user does not name.
   *
   * @param looked which fields there may be
   * @param required those of which one is needed each
   * @param usual the usual names of a field, in small letters
   * @param found the names of the columns of {@code file}
   * @throws InputException if a named field is missing, or of a required one none is found, or
   *     several could be meant
   */
  FieldNames resolve(
      Set<Field> looked,
      Set<Field> required,
      Function<Field, List<String>> usual,
      Set<String> found,
      String file) {
    SortedMap<String, String> resolved = new TreeMap<>();
    for (Field field : looked) {
      String stated = names.get(field.key());
      String name =
          stated == null
              ? usual(field, usual.apply(field), found, file)
              : stated.isBlank() ? null : stated;
      if (stated != null && name != null && !isIn(name, found)) {
        throw new InputException(
            "%s has no field %s, which tasks.fields.%s names; there are %s. Correct the key."
                .formatted(
                    file, Shown.of(name), field.key(), shown(found, NearestNames.to(stated))));
      }
      if (name != null) {
        resolved.put(field.key(), name);
      }
    }
    Set<Field> missing = EnumSet.noneOf(Field.class);
    required.stream().filter(field -> !resolved.containsKey(field.key())).forEach(missing::add);
    // An instruction alone is asked, too.
    if (resolved.containsKey(Field.INSTRUCTION.key())) {
      missing.remove(Field.INPUT);
    }
    for (Field field : missing) {
      throw new InputException(
          "%s has no field that is known to be the %s: the usual names are %s, and there are %s. Name it by tasks.fields.%2$s, with dapt init by --field %2$s=NAME."
              .formatted(
                  file, field.key(), String.join(", ", usual.apply(field)), shown(found, null)));
    }
    return new FieldNames(resolved);
  }

  /** Our own name goes before the others, of which only one may be there. */
  private static String usual(Field field, List<String> names, Set<String> found, String file) {
    List<String> fitting = new ArrayList<>();
    for (String usual : names) {
      for (String name : found) {
        if (name.toLowerCase(Locale.ROOT).equals(usual)) {
          fitting.add(name);
        }
      }
      if (!fitting.isEmpty() && (usual.equals(field.key()) || isOptional(field))) {
        return fitting.get(0);
      }
    }
    if (fitting.size() > 1) {
      throw new InputException(
          "%s has the fields %s, each of which could be the %s. Name the right one by tasks.fields.%3$s."
              .formatted(file, String.join(", ", fitting), field.key()));
    }
    return fitting.isEmpty() ? null : fitting.get(0);
  }

  private static boolean isOptional(Field field) {
    return field != Field.INPUT && field != Field.OUTPUT;
  }

  private static boolean isIn(String name, Set<String> found) {
    return found.contains(name)
        || (name.contains(".") && found.contains(name.substring(0, name.indexOf('.'))));
  }

  private static String shown(Set<String> found, java.util.Comparator<String> order) {
    List<String> sorted = new ArrayList<>(found);
    sorted.sort(order);
    List<String> first = sorted.subList(0, Math.min(SHOWN, sorted.size()));
    return first.isEmpty() ? "none" : Shown.of(String.join(", ", first));
  }

  /** As {@code input = question, output = answer}. */
  @Override
  public String toString() {
    List<String> parts = new ArrayList<>();
    for (Field field : Field.values()) {
      if (of(field) != null) {
        parts.add(field.key() + " = " + of(field));
      }
    }
    return String.join(", ", parts);
  }
}
