package org.dapt.compare.outcome;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.dapt.compare.outcome.OutcomeTable.CellType;
import org.dapt.compare.outcome.OutcomeTable.Column;
import org.dapt.metric.Spread;

/** The tables of an outcome as files have them. */
final class OutcomeTables {
  /** The name of the table of pairs. */
  static final String PAIRS = "pairs";

  private OutcomeTables() {}

  /** A row for each setting, order and method. */
  static OutcomeTable methods(Outcome outcome) {
    List<Column> columns = ofMethod();
    columns.add(new Column("needs_task", CellType.TRUTH));
    columns.add(new Column("samples", CellType.TEXT));
    for (Measure measure : Measure.values()) {
      addSpread(columns, measure.key());
    }
    List<List<Object>> rows = new ArrayList<>();
    for (MethodFigures figures : outcome.methods()) {
      List<Object> row = ofMethod(figures);
      row.add(figures.needsTask());
      row.add(figures.samples());
      for (Measure measure : Measure.values()) {
        addSpread(row, figures.measures().get(measure));
      }
      rows.add(row);
    }
    return new OutcomeTable("methods", columns, rows);
  }

  /** A row for each run. */
  static OutcomeTable runs(Outcome outcome) {
    List<Column> columns =
        new ArrayList<>(
            List.of(
                new Column("run", CellType.TEXT),
                new Column("setting", CellType.TEXT),
                new Column("order", CellType.TEXT),
                new Column("method", CellType.TEXT),
                new Column("seed", CellType.WHOLE),
                new Column("state", CellType.TEXT),
                new Column("samples", CellType.TEXT),
                new Column("run_dir", CellType.TEXT)));
    for (Measure measure : Measure.values()) {
      columns.add(new Column(measure.key(), CellType.NUMBER));
    }
    List<List<Object>> rows = new ArrayList<>();
    for (RunFigures run : outcome.runs()) {
      List<Object> row =
          new ArrayList<>(
              Arrays.asList(
                  run.cell().name(),
                  run.cell().setting(),
                  run.cell().order(),
                  run.cell().method(),
                  run.cell().seed(),
                  run.state(),
                  run.isDone() ? run.samples() : null,
                  run.folder()));
      for (Measure measure : Measure.values()) {
        row.add(run.measures().get(measure));
      }
      rows.add(row);
    }
    return new OutcomeTable("runs", columns, rows);
  }

  /** A row for each setting, order, method and task. */
  static OutcomeTable tasks(Outcome outcome) {
    List<Column> columns = ofMethod();
    columns.add(new Column("task", CellType.TEXT));
    addSpread(columns, "learnt");
    addSpread(columns, "last");
    List<List<Object>> rows = new ArrayList<>();
    for (MethodFigures figures : outcome.methods()) {
      figures
          .last()
          .forEach(
              (task, last) -> {
                List<Object> row = ofMethod(figures);
                row.add(task);
                addSpread(row, figures.learnt().get(task));
                addSpread(row, last);
                rows.add(row);
              });
    }
    return new OutcomeTable("tasks", columns, rows);
  }

  /** A row for each setting, order, method and category of tasks that were not learnt. */
  static OutcomeTable unseen(Outcome outcome) {
    List<Column> columns = ofMethod();
    columns.add(new Column("set", CellType.TEXT));
    columns.add(new Column("category", CellType.TEXT));
    addSpread(columns, "rouge_l");
    List<List<Object>> rows = new ArrayList<>();
    for (MethodFigures figures : outcome.methods()) {
      figures
          .unseen()
          .forEach(
              (category, spread) -> {
                List<Object> row = ofMethod(figures);
                row.add(category.set());
                row.add(category.category());
                addSpread(row, spread);
                rows.add(row);
              });
    }
    return new OutcomeTable("unseen", columns, rows);
  }

  /** The columns that say of which runs a row is. */
  private static List<Column> ofMethod() {
    return new ArrayList<>(
        List.of(
            new Column("setting", CellType.TEXT),
            new Column("order", CellType.TEXT),
            new Column("method", CellType.TEXT),
            new Column("runs", CellType.WHOLE)));
  }

  private static List<Object> ofMethod(MethodFigures figures) {
    return new ArrayList<>(
        List.of(figures.setting(), figures.order(), figures.method(), (long) figures.runs()));
  }

  private static void addSpread(List<Column> columns, String name) {
    columns.add(new Column(name + "_mean", CellType.NUMBER));
    columns.add(new Column(name + "_sd", CellType.NUMBER));
  }

  private static void addSpread(List<Object> row, Spread spread) {
    row.add(spread == null ? null : (Object) spread.mean());
    row.add(spread == null ? null : (Object) deviation(spread));
  }

  private static Double deviation(Spread spread) {
    return spread.deviation().isEmpty() ? null : (Double) spread.deviation().getAsDouble();
  }

  /** A row for each measure and two methods. */
  static OutcomeTable pairs(Outcome outcome) {
    List<List<Object>> rows = new ArrayList<>();
    for (Pair pair : outcome.pairs()) {
      rows.add(
          List.of(
              pair.setting(),
              pair.order(),
              pair.measure().key(),
              pair.first(),
              pair.second(),
              (long) pair.seeds(),
              pair.examples(),
              pair.difference().difference(),
              pair.difference().low(),
              pair.difference().high(),
              pair.difference().p()));
    }
    return new OutcomeTable(
        PAIRS,
        List.of(
            new Column("setting", CellType.TEXT),
            new Column("order", CellType.TEXT),
            new Column("measure", CellType.TEXT),
            new Column("first", CellType.TEXT),
            new Column("second", CellType.TEXT),
            new Column("seeds", CellType.WHOLE),
            new Column("examples", CellType.WHOLE),
            new Column("difference", CellType.NUMBER),
            new Column("low", CellType.NUMBER),
            new Column("high", CellType.NUMBER),
            new Column("p", CellType.NUMBER)),
        rows);
  }

  /** A row for each trial. */
  static OutcomeTable tuning(Outcome outcome) {
    List<List<Object>> rows = new ArrayList<>();
    outcome
        .choices()
        .forEach(
            (name, choice) -> {
              for (var tried : choice.tried()) {
                rows.add(
                    Arrays.asList(
                        name,
                        tried.run(),
                        tried.values().toString(),
                        tried.score(),
                        choice.best().filter(tried::equals).isPresent()));
              }
            });
    return new OutcomeTable(
        "tuning",
        List.of(
            new Column("tuned", CellType.TEXT),
            new Column("run", CellType.TEXT),
            new Column("values", CellType.TEXT),
            new Column("dev_score", CellType.NUMBER),
            new Column("chosen", CellType.TRUTH)),
        rows);
  }
}
