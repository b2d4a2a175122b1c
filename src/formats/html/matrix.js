"use strict";
// The dependency matrix: a row imports a column; a cell opens into the packages below it, and in the end its lines.

const MATRIX_SIZE = 24;
const LINES = 30;

/** Set by `drawMatrix`: shows the imports of one node from another and leads there. */
let showImports = () => {};

const LEVELS = ["", "excused", "warn", "bad"];

function drawMatrix() {
  const part = section("matrix", "Dependency matrix");
  const top = firstNode(scopeAtFirst());
  const state = {
    rows: top,
    columns: top,
    scope: scopeAtFirst(),
    words: "",
    trail: [],
    limit: LINES,
    lineWords: "",
  };
  const crumbs = el("nav.crumbs", { "aria-label": "Place in the matrix" });
  const note = el("p.note");
  const holder = el("div.scroll.matrix-holder");
  const lines = el("div.lines");
  const scopes = scopesOfGraph();
  const fields = el("div.filters", { role: "search" });
  fields.append(filter("Filter packages", "name …", (words) => ((state.words = words), draw())));
  if (scopes.length > 1) fields.append(importersOf(scopes, state, draw));
  const tip = el("p.tip", { "aria-live": "polite" });
  part.append(legend(), fields, crumbs, note, holder, tip, lines);

  showImports = (rows, columns, scope) => {
    state.trail = [[top, top]];
    Object.assign(state, { rows, columns, words: "", limit: LINES, lineWords: "" });
    if (scope !== undefined) state.scope = scope;
    const chosen = fields.querySelector("select");
    if (chosen) chosen.value = state.scope;
    fields.querySelector("input").value = "";
    draw();
    part.scrollIntoView();
    part.focus({ preventScroll: true });
  };

  function open(rows, columns) {
    state.trail.push([state.rows, state.columns]);
    Object.assign(state, { rows, columns, words: "", limit: LINES, lineWords: "" });
    fields.querySelector("input").value = "";
    draw(true);
  }

  function up() {
    const last = state.trail.pop();
    if (!last) return;
    [state.rows, state.columns] = last;
    draw(true);
  }

  function drawCrumbs() {
    const steps = state.trail.map((step, at) =>
      el(
        "button.link",
        {
          type: "button",
          onclick: () => {
            state.trail.length = at;
            [state.rows, state.columns] = step;
            draw(true);
          },
        },
        nameOfPair(step[0], step[1]),
      ),
    );
    steps.push(el("span", { "aria-current": "page" }, nameOfPair(state.rows, state.columns)));
    crumbs.replaceChildren(
      ...steps.flatMap((step, at) => (at ? [el("span.sep", { "aria-hidden": "true" }, "›"), step] : [step])),
    );
  }

  function draw(moveFocus) {
    drawCrumbs();
    const view = axes(state);
    const { rows, columns, cells } = view;
    const total = cells.counts.reduce((sum, one) => sum + one, 0);
    const square = state.rows === state.columns;
    const words = [counted(total, "import")];
    if (view.hidden)
      words.push(
        counted(view.hidden, "package or module", "packages or modules") +
          " without imports of each other not shown",
      );
    if (view.ordered) words.push("in the order of layers `" + view.ordered + "` in the registry");
    else if (square && rows.length > 1) words.push("in the order in which fewest imports lead upwards");
    note.textContent = words.join(" · ");
    const small = rows.length * columns.length <= 1 && !square;
    holder.hidden = small;
    if (small) holder.replaceChildren();
    else holder.replaceChildren(grid(view, square, open, up, tip));
    if (!rows.length || !columns.length)
      holder.replaceChildren(
        el("p.empty", {}, state.words ? "No name matches the filter." : "No import to show here."),
      );
    tip.textContent = small
      ? ""
      : "Choose a cell to see what it is made of; arrow keys move, Enter opens, Backspace leads back.";
    drawLines(lines, state, square);
    if (moveFocus) {
      const cell = holder.querySelector("[tabindex='0']");
      (cell || crumbs.querySelector("button") || part).focus({ preventScroll: true });
      say(nameOfPair(state.rows, state.columns) + ": " + note.textContent);
    }
  }

  draw();
}

/** The first node with more than one package or module of the scope: where the matrix and the graph begin. */
function firstNode(scope) {
  let at = graph.root;
  for (;;) {
    const found = childrenOf(at).filter((one) => counts(one, scope));
    if (found.length !== 1 || !found[0].children) return at;
    at = found[0];
  }
}

/** Production alone where there is more: what ships is the architecture that people ask for first. */
function scopeAtFirst() {
  const scopes = scopesOfGraph();
  return scopes.length > 1 && scopes[0] === PRODUCTION ? PRODUCTION : "";
}

function nameOf(at) {
  if (at === graph.root) return "All packages";
  if (at.members) return (at.parent && at.parent !== graph.root ? nameOf(at.parent) + ": " : "") + at.label;
  return at.own ? at.name + " (" + at.label + ")" : at.name;
}

function nameOfPair(rows, columns) {
  return rows === columns ? nameOf(rows) : nameOf(rows) + " → " + nameOf(columns);
}

function legend() {
  const entry = (kind, means) => el("li", {}, el("span.cell-key." + kind, { "aria-hidden": "true" }), means);
  return el(
    "ul.legend",
    {},
    entry("some", "the row imports the column: how often"),
    entry("bad", "some of these break a rule"),
    entry("warn", "some are warned of"),
    entry("excused", "some are excused or known"),
    entry("own", "imports inside a package"),
    el("li", {}, "Above the diagonal imports lead downwards, below it upwards."),
  );
}

/** The nodes of both axes and the counts between them; what imports nothing here is left out. */
function axes({ rows, columns, scope, words }) {
  const square = rows === columns;
  const matches = matcher(words);
  const pick = (at) => {
    const found = childrenOf(at).filter((one) => counts(one, scope));
    const kept = words ? found.filter((one) => matches(nameOf(one))) : found;
    return atMost(kept, MATRIX_SIZE, at, scope);
  };
  let down = pick(rows);
  let across = square ? down : pick(columns);
  const known = down.length + (square ? 0 : across.length);
  let cells = tally(down, across, scope);
  const width = across.length;
  const used = (list, test) => list.filter((_, at) => test(at));
  const rowHas = (r) => across.some((_, c) => cells.counts[r * width + c]);
  const columnHas = (c) => down.some((_, r) => cells.counts[r * width + c]);
  if (square) {
    const outward = (at) =>
      down.some(
        (_, other) => other !== at && (cells.counts[at * width + other] || cells.counts[other * width + at]),
      );
    const linked = used(down, outward);
    down = linked.length ? linked : used(down, rowHas);
    down = inOrder(down, container(rows), scope);
    across = down;
  } else {
    const [r, c] = [used(down, rowHas), used(across, columnHas)];
    down = inOrder(r, container(rows), scope);
    across = inOrder(c, container(columns), scope);
  }
  cells = tally(down, across, scope);
  const hidden = known - down.length - (square ? 0 : across.length);
  const order = square ? graph.orders.find((one) => one.container === (container(rows).name || "")) : null;
  return { rows: down, columns: across, cells, hidden, ordered: order ? order.rule : null };
}

/** The node whose children are shown: nodes with one child only are passed through. */
function container(at) {
  if (at.members) return at.parent || at;
  while (at.children && at.children.length === 1) at = at.children[0];
  return at;
}

function grid(view, square, open, up, tip) {
  const { rows, columns, cells } = view;
  const width = columns.length;
  const most = Math.max(1, ...cells.counts);
  const corner = el("td.corner", {}, square ? "" : "imports ↓ of →");
  const heads = columns.map((column) =>
    el("th.column", { scope: "col", title: nameOf(column) }, el("span", {}, column.label)),
  );
  const body = el("tbody");
  const table = el(
    "table.matrix",
    { role: "grid", "aria-label": "Dependency matrix: a row imports a column" },
    el("thead", {}, el("tr", { role: "row" }, corner, heads)),
    body,
  );
  let current = null;

  const line = (at) => "imports: row " + nameOf(rows[at[0]]) + ", column " + nameOf(columns[at[1]]);
  const describe = (r, c) => {
    const cell = r * width + c;
    const broken = cells.broken[cell]
      ? ", " +
        [null, "excused or known: ", "warned of: ", "break a rule: "][cells.level[cell]] +
        number(cells.broken[cell])
      : "";
    const what =
      rows[r] === columns[c]
        ? "inside " + nameOf(rows[r])
        : nameOf(rows[r]) + " imports " + nameOf(columns[c]);
    return what + ": " + counted(cells.counts[cell], "import") + broken;
  };

  rows.forEach((row, r) => {
    const label =
      opens(row) && square
        ? el("button.link", { type: "button", tabindex: "-1", onclick: () => open(row, row) }, row.label)
        : row.label;
    const tr = el("tr", { role: "row" }, el("th.row", { scope: "row", title: nameOf(row) }, label));
    columns.forEach((column, c) => {
      const cell = r * width + c;
      const value = cells.counts[cell];
      const classes = ["cell", row === column ? "own" : "", value ? LEVELS[cells.level[cell]] || "some" : ""]
        .filter(Boolean)
        .join(".");
      const td = el(
        "td." + classes,
        {
          role: "gridcell",
          tabindex: "-1",
          "data-r": r,
          "data-c": c,
          "aria-label": value || row === column ? describe(r, c) : null,
        },
        value ? short(value) : null,
      );
      if (value)
        td.style.setProperty("--much", (0.12 + (0.5 * Math.log1p(value)) / Math.log1p(most)).toFixed(2));
      tr.append(td);
    });
    body.append(tr);
  });

  const at = (td) => [Number(td.dataset.r), Number(td.dataset.c)];
  const focusOn = (r, c) => {
    const next = body.rows[r] && body.rows[r].cells[c + 1];
    if (!next) return;
    if (current) current.tabIndex = -1;
    current = next;
    current.tabIndex = 0;
    current.focus();
  };
  const enter = (td) => {
    const [r, c] = at(td);
    if (cells.counts[r * width + c]) open(rows[r], columns[c]);
  };
  const mark = (td, on) => {
    const [r, c] = at(td);
    body.rows[r].cells[0].classList.toggle("near", on);
    heads[c].classList.toggle("near", on);
    if (on) tip.textContent = describe(r, c);
  };
  body.addEventListener("click", (event) => {
    const td = event.target.closest("td.cell");
    if (td) enter(td);
  });
  for (const [type, on] of [
    ["mouseover", true],
    ["mouseout", false],
    ["focusin", true],
    ["focusout", false],
  ]) {
    body.addEventListener(type, (event) => {
      const td = event.target.closest("td.cell");
      if (td) mark(td, on);
    });
  }
  table.addEventListener("keydown", (event) => {
    const td = event.target.closest("td.cell");
    if (!td) return;
    const [r, c] = at(td);
    const moves = {
      ArrowUp: [r - 1, c],
      ArrowDown: [r + 1, c],
      ArrowLeft: [r, c - 1],
      ArrowRight: [r, c + 1],
      Home: [r, 0],
      End: [r, width - 1],
      PageUp: [0, c],
      PageDown: [rows.length - 1, c],
    };
    if (moves[event.key]) {
      const [row, column] = moves[event.key];
      if (column >= 0) focusOn(row, column);
    } else if (event.key === "Enter" || event.key === " ") enter(td);
    else if (event.key === "Backspace" || event.key === "Escape") up();
    else return;
    event.preventDefault();
  });
  const worst =
    [...body.querySelectorAll("td.bad")][0] ||
    body.querySelector("td.some, td.own") ||
    body.querySelector("td.cell");
  if (worst) {
    worst.tabIndex = 0;
    current = worst;
  }
  return table;
}

/** The imports between two nodes, those that break a rule first. */
function importsBetween(rows, columns, scope) {
  const inColumns = owners([columns]);
  const found = [];
  eachRun(rows, (lo, hi) => {
    for (let i = graph.first[lo]; i < graph.first[hi]; i++) {
      if (inColumns[graph.to[i]] === 0 && (!scope || graph.scopes[graph.from[i]] === scope)) found.push(i);
    }
  });
  return found.sort((a, b) => graph.level[b] - graph.level[a] || a - b);
}

function separator(i) {
  return graph.names[graph.to[i]].includes("::") ? "::" : ".";
}

/** What is imported: the module, or the name in it. */
function targetOf(i) {
  const module = graph.names[graph.to[i]];
  const name = text(graph.name[i]);
  return !name || module === name || module.endsWith(separator(i) + name)
    ? module
    : module + separator(i) + name;
}

function placeOf(i) {
  return (graph.elsewhere.get(i) || graph.paths[graph.from[i]]) + ":" + graph.line[i];
}

function drawLines(into, state, square) {
  if (square && !state.trail.length) {
    into.replaceChildren();
    return;
  }
  const all = importsBetween(state.rows, state.columns, state.scope);
  const broken = all.filter((i) => graph.level[i] > 1).length;
  const head = el(
    "h3",
    {},
    "Lines ",
    el(
      "span.count",
      {},
      counted(all.length, "import") + (broken ? ", " + number(broken) + " break a rule" : ""),
    ),
  );
  const list = el("ul.import-lines");
  const more = el("button.button", { type: "button", onclick: () => ((state.limit += 200), draw()) });
  const search =
    all.length > 20
      ? filter("Filter lines", "path, module or name …", (words) => ((state.lineWords = words), draw()))
      : null;

  function draw() {
    const matches = matcher(state.lineWords);
    const kept = state.lineWords ? all.filter((i) => matches(placeOf(i) + " " + targetOf(i))) : all;
    list.replaceChildren(...kept.slice(0, state.limit).map(drawLine));
    if (!kept.length)
      list.append(el("li.empty", {}, all.length ? "No line matches the filter." : "No import."));
    more.hidden = kept.length <= state.limit;
    more.textContent = "Show more: " + number(kept.length - state.limit) + " left";
  }

  draw();
  into.replaceChildren(el("div.table-head", {}, head, search), list, more);
}

function drawLine(i) {
  const level = LEVELS[graph.level[i]];
  const item = el(
    "li" + (level ? "." + level : ""),
    {},
    el("code.where", {}, placeOf(i)),
    el("code.what", {}, targetOf(i)),
    el("span.quiet", {}, text(graph.kinds[i])),
  );
  for (const finding of graph.findings.get(i) || []) {
    const words = [
      badge(finding),
      el("span.rule", {}, text(report.findings.rule[finding])),
      el("span", {}, rich(text(report.findings.message[finding]))),
    ];
    item.append(el("p.line-finding", {}, ...words));
    if (report.findings.source[finding]) item.append(drawSource(finding).lastChild);
  }
  return item;
}
