"use strict";
// Compliance over commits: a line, the violations below it as bars, and the same as a table for who cannot see them.

const PLOT = { width: 760, left: 64, right: 12, line: [16, 176], bars: [206, 276], height: 304 };

function drawTrend({ registry, points, notes }) {
  const scored = points.filter((point) => point.compliance !== null && point.compliance !== undefined);
  const judge = registry === "today" ? "all judged by today's registry" : "each judged by its own registry";
  const title = "Compliance of " + counted(points.length, "commit") + ", " + judge;
  const content = scored.length ? [plot(title, points, scored)] : [];
  if (scored.length < points.length)
    content.push(
      el("p.quiet", {}, counted(points.length - scored.length, "commit") + " without numbers: see the table."),
    );
  for (const note of notes || []) content.push(el("p.quiet", {}, visible(note)));
  content.push(el("details", {}, el("summary", {}, "Each commit"), trendTable(points)));
  return block(title, ...content);
}

function plot(title, points, scored) {
  const { width, left, right, line, bars, height } = PLOT;
  const across = (point) => {
    const share = points.length > 1 ? points.indexOf(point) / (points.length - 1) : 0.5;
    return left + 8 + share * (width - left - right - 16);
  };
  // The axis begins at the ten below the lowest and says so; that of the violations begins at none.
  const low = Math.min(90, Math.floor(Math.min(...scored.map((point) => point.compliance)) / 10) * 10);
  const most = Math.max(...scored.map((point) => point.violation));
  const up = (value) => line[1] - ((value - low) / (100 - low)) * (line[1] - line[0]);
  const picture = svg("svg.trend", {
    viewBox: `0 0 ${width} ${height}`,
    role: "img",
    "aria-label": title + ": from " + percent(scored[0].compliance) + " to " + percent(scored.at(-1).compliance),
  });
  const axis = (y, name) =>
    picture.append(
      svg("line.grid", { x1: left, x2: width - right, y1: y, y2: y }),
      svg("text", { x: left - 8, y: y + 4, "text-anchor": "end" }, name),
    );
  for (const value of [low, (low + 100) / 2, 100]) axis(up(value), percent(value));
  picture.append(
    svg("polyline.line", {
      points: scored.map((point) => across(point) + "," + up(point.compliance)).join(" "),
    }),
    svg("text", { x: left, y: bars[0] - 8 }, "Violations"),
  );
  axis(bars[1], "0");
  if (most > 0) axis(bars[0], number(most));
  const thick = Math.min(14, Math.max(2, ((width - left - right) / points.length) * 0.6));
  for (const point of scored) {
    const [x, y] = [across(point), up(point.compliance)];
    const tall = most > 0 ? (point.violation / most) * (bars[1] - bars[0]) : 0;
    const tip = () =>
      svg(
        "title",
        {},
        point.date +
          " " +
          point.commit.slice(0, 9) +
          ": " +
          percent(point.compliance) +
          ", " +
          counted(point.violation, "violation"),
      );
    picture.append(
      svg("circle.dot", { cx: x, cy: y, r: 3.5 }, tip()),
      svg("rect.bar", { x: x - thick / 2, y: bars[1] - tall, width: thick, height: tall }, tip()),
    );
  }
  picture.append(
    svg("text", { x: left, y: height - 6 }, points[0].date),
    svg("text", { x: width - right, y: height - 6, "text-anchor": "end" }, points.at(-1).date),
  );
  return picture;
}

function trendTable(points) {
  const heads = [
    ["date", false],
    ["commit", false],
    ["comply", true],
    ["governed", true],
    ["violations", true],
    ["unknown", true],
    ["", false],
  ];
  const rows = points.map((point) =>
    el(
      "tr",
      {},
      el("td", {}, point.date),
      el("td", {}, el("code", {}, point.commit.slice(0, 9))),
      el("td.n", {}, percent(point.compliance)),
      ...["governed", "violation", "unknown"].map((key) =>
        el("td.n", {}, point[key] === undefined ? "-" : number(point[key])),
      ),
      el("td.quiet", {}, visible(point.why ? "no numbers: " + point.why : point.subject)),
    ),
  );
  return plainTable("Each commit", heads, rows);
}
