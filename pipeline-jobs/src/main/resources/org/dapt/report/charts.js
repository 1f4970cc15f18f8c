"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const HEIGHT = 300;
  const DASHES = [[], [8, 4], [2, 3], [10, 4, 2, 4]];
  const drawn = [];

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const font = "12px system-ui, sans-serif";

  const axis = (more) => ({
    stroke: colour("--muted"),
    font,
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { stroke: colour("--line"), width: 1 },
    ...more,
  });

  const base = (place) => ({
    width: Math.max(200, place.clientWidth),
    height: HEIGHT,
    padding: [18, 14, 0, 0],
    cursor: { points: { size: 7 }, drag: { x: false, y: false } },
  });

  // Where nobody points at a step, the legend shows the last one.
  const showLast = (u) => {
    if (u.cursor.left < 0) {
      u.setLegend({ idx: u.data[0].length - 1 }, false);
    }
  };

  const number = (digits) => (u, value) => (value == null ? "–" : value.toFixed(digits));

  // One line per task. Colour, dash and the label at its first point tell them apart.
  function scores(place) {
    const size = data.scores.length;
    const steps = data.scores.map((unused, i) => i + 1);
    // Not more marks than there is room for.
    const room = (place.clientWidth - 60) / size;
    const marked = steps.filter((step) => (size - step) % Math.ceil(26 / room) === 0);
    const known = (i) => data.scores.map((task) => task[i]).filter((score) => score != null);
    const means = steps.map((step, i) =>
      known(i).length === step ? known(i).reduce((sum, score) => sum + score, 0) / step : null,
    );
    const lines = data.scores.map((unused, j) => ({
      label: "t" + (j + 1),
      stroke: colour("--s" + (j % 8)),
      width: 2,
      dash: DASHES[Math.floor(j / 2) % DASHES.length],
      points: { show: true, size: 7 },
      value: number(2),
      spanGaps: true,
    }));
    const label = (u) => {
      u.ctx.save();
      u.ctx.font = `600 ${12 * devicePixelRatio}px system-ui, sans-serif`;
      u.ctx.textAlign = "center";
      data.scores.forEach((task, j) => {
        const first = task.findIndex((score) => score != null);
        if (first >= 0) {
          const y = u.valToPos(task[first], "y", true);
          u.ctx.fillStyle = lines[j].stroke;
          u.ctx.fillText("t" + (j + 1), u.valToPos(first + 1, "x", true), y - 9 * devicePixelRatio);
        }
      });
      u.ctx.restore();
    };
    return new uPlot(
      {
        ...base(place),
        scales: { x: { time: false, range: [0.7, size + 0.3] }, y: { range: [0, 104] } },
        axes: [
          axis({ splits: () => marked, values: (u, at) => at.map((step) => (room < 62 ? "t" : "after t") + step) }),
          axis({ splits: () => [0, 20, 40, 60, 80, 100], size: 42 }),
        ],
        series: [
          { label: "After", value: (u, step) => (step == null ? "–" : "t" + step) },
          ...lines,
          { label: "mean", stroke: colour("--muted"), width: 3, value: number(2), points: { show: false } },
        ],
        hooks: { draw: [label], ready: [showLast], setCursor: [showLast] },
      },
      [steps, ...data.scores, means],
      place,
    );
  }

  // The tasks are bands behind the curve.
  function bands(u) {
    const { left, top, width, height } = u.bbox;
    u.ctx.save();
    u.ctx.font = `600 ${11 * devicePixelRatio}px system-ui, sans-serif`;
    u.ctx.textAlign = "center";
    data.bands.forEach((band, i) => {
      const from = Math.max(left, u.valToPos(band.from, "x", true));
      const to = Math.min(left + width, u.valToPos(band.to, "x", true));
      if (i % 2 === 0) {
        u.ctx.fillStyle = colour("--band");
        u.ctx.fillRect(from, top, to - from, height);
      }
      if (to - from > 22 * devicePixelRatio) {
        u.ctx.fillStyle = colour("--muted");
        u.ctx.fillText(band.label, (from + to) / 2, top - 5 * devicePixelRatio);
      }
    });
    u.ctx.restore();
  }

  // Between two tasks nothing is drawn, though their steps are next to each other.
  const gaps = (u, series, from, to, found) =>
    found.map(([left, right]) => [left - 2 * devicePixelRatio, right + 2 * devicePixelRatio]);

  const course = (values) => (place) =>
    new uPlot(
      {
        ...base(place),
        scales: { x: { time: false }, y: { range: (u, low, high) => [Math.min(0, low), high > 0 ? high * 1.05 : 1] } },
        axes: [axis({}), axis({ size: 56 })],
        series: [
          { label: "Step", value: (u, step) => (step == null ? "–" : Math.ceil(step)) },
          { label: "as measured", stroke: colour("--faint"), width: 1, gaps, value: number(4), points: { show: false } },
          { label: "smoothed", stroke: colour("--accent"), width: 2.5, gaps, value: number(4), points: { show: false } },
        ],
        hooks: { drawClear: [bands], ready: [showLast], setCursor: [showLast] },
      },
      [data.steps, values.raw, values.smooth],
      place,
    );

  function draw() {
    drawn.splice(0).forEach((chart) => chart.destroy());
    const charts = {
      "chart-scores": data.scores && scores,
      "chart-cross-entropy": data.steps.length > 0 && course(data.crossEntropy),
    };
    for (const [name, values] of Object.entries(data.terms)) {
      charts["chart-" + name] = data.steps.length > 0 && course(values);
    }
    for (const [id, make] of Object.entries(charts)) {
      const figure = document.getElementById(id);
      if (figure && make) {
        figure.hidden = false;
        drawn.push(make(figure.querySelector(".plot")));
      }
    }
  }

  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  matchMedia("print").addEventListener("change", draw);
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => (one.open = true)));
  let width = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth !== width) {
      width = innerWidth;
      draw();
    }
  });
})();
