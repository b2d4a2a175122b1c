"use strict";
// Findings: one block a cause, the first place in full, the others listed; filters that narrow them.

const BLOCKS = 25;
const PLACES = 50;
const STATUS = ["new", "known", "excused"];

/** Set by `drawFindings`: narrows the list and leads there. */
let showFindings = () => {};

function drawFindings() {
  const columns = report.findings;
  const part = section("findings", "Findings");
  const total = columns.rule.length;
  const names = (column) => [...new Set(column)].map(text).filter(Boolean).sort();
  const state = { words: "", rule: "", scope: "", status: "", limit: BLOCKS };
  const blocks = el("div.blocks");
  const count = el("p.count", { role: "status" });
  const more = el("button.button", { type: "button", onclick: () => ((state.limit += BLOCKS), draw()) });

  const words = filter("Filter findings", "path, module, rule or message …", (value) =>
    set({ words: value }),
  );
  const choices = (label, list) => [["", label], ...list.map((name) => [name, name])];
  const rule = select("Rule", choices("every rule", names(columns.rule)), "", (value) =>
    set({ rule: value }),
  );
  const scope = select("Scope", choices("every scope", names(columns.scope)), "", (value) =>
    set({ scope: value }),
  );
  const kinds = [
    ["", "everything"],
    ["error", "new errors"],
    ["warn", "new warnings"],
    ["known", "known"],
    ["excused", "excused"],
  ];
  const status = select("Status", kinds, "", (value) => set({ status: value }));
  const clear = el("button.button", { type: "button", onclick: () => showFindings({}, true) }, "Clear");
  part.append(el("div.filters", { role: "search" }, words, rule, scope, status, clear), count, blocks, more);

  showFindings = (wanted, stay) => {
    Object.assign(state, { words: "", rule: "", scope: "", status: "", limit: BLOCKS }, wanted);
    words.querySelector("input").value = state.words;
    rule.querySelector("select").value = state.rule;
    scope.querySelector("select").value = state.scope;
    status.querySelector("select").value = state.status;
    draw();
    if (!stay) {
      part.scrollIntoView();
      part.focus({ preventScroll: true });
    }
  };

  function set(change) {
    Object.assign(state, change, { limit: BLOCKS });
    draw();
  }

  function draw() {
    const matches = matcher(state.words);
    const kept = [];
    for (let at = 0; at < total; at++) {
      if (state.rule && text(columns.rule[at]) !== state.rule) continue;
      if (state.scope && text(columns.scope[at]) !== state.scope) continue;
      if (state.status && !hasStatus(at, state.status)) continue;
      if (state.words && !matches(haystack(at))) continue;
      kept.push(at);
    }
    const grouped = groups(kept);
    blocks.replaceChildren(
      ...grouped.slice(0, state.limit).map((block, at) => drawBlock(block, at === 0 && grouped.length > 0)),
    );
    if (!total)
      blocks.append(
        el("p.empty", {}, "No finding. " + (graph ? "The matrix below shows what imports what." : "")),
      );
    else if (!kept.length) blocks.append(el("p.empty", {}, "No finding matches these filters."));
    const left = columns.left_out
      ? " " +
        counted(columns.left_out, "finding") +
        " of lesser weight are not on this page; `importlaw check --format json` lists them."
      : "";
    count.textContent = total
      ? (kept.length === total
          ? counted(total, "finding")
          : number(kept.length) + " of " + counted(total, "finding")) +
        " in " +
        counted(grouped.length, "block") +
        ", one for each cause, what weighs most first." +
        left
      : "";
    more.hidden = grouped.length <= state.limit;
    more.textContent = "Show more: " + number(grouped.length - state.limit) + " left";
  }

  draw();
}

function hasStatus(at, wanted) {
  const { status, severity } = report.findings;
  if (wanted === "known") return status[at] === 1;
  if (wanted === "excused") return status[at] === 2;
  return status[at] === 0 && severity[at] === (wanted === "error" ? 0 : 1);
}

const haystacks = [];

function haystack(at) {
  const { path, rule, message, importer, written } = report.findings;
  if (!haystacks[at])
    haystacks[at] = [path, rule, message, importer, written]
      .map((column) => text(column[at]))
      .join(" ")
      .toLowerCase();
  return haystacks[at];
}

/** Findings of one rule and one cause, the block that weighs most first. */
function groups(findings) {
  const columns = report.findings;
  const blocks = new Map();
  for (const at of findings) {
    const key = columns.rule[at] + " " + columns.cause[at] + " " + columns.status[at];
    if (!blocks.has(key)) blocks.set(key, []);
    blocks.get(key).push(at);
  }
  const production = (at) => (text(columns.scope[at]) === PRODUCTION ? 0 : 1);
  const all = [...blocks.values()];
  for (const block of all) block.sort((a, b) => production(a) - production(b) || a - b);
  const stops = (block) =>
    block.reduce((sum, at) => Math.max(sum, columns.stops[at], columns.reached_by[at]), 0);
  return all.sort(
    (a, b) =>
      columns.status[a[0]] - columns.status[b[0]] ||
      columns.severity[a[0]] - columns.severity[b[0]] ||
      production(a[0]) - production(b[0]) ||
      stops(b) - stops(a) ||
      b.length - a.length ||
      a[0] - b[0],
  );
}

function badge(at) {
  const { status, severity } = report.findings;
  if (status[at]) return el("span.badge.muted", {}, STATUS[status[at]]);
  return severity[at] ? el("span.badge.warn", {}, "warning") : el("span.badge.bad", {}, "error");
}

function drawBlock(block, open) {
  const columns = report.findings;
  const first = block[0];
  const many = block.length > 1 ? el("span.many", {}, counted(block.length, "place")) : null;
  const head = el(
    "summary",
    {},
    badge(first),
    el("span.rule", {}, text(columns.rule[first])),
    el(
      "span.message",
      {},
      rich(text(columns.message[first])),
      el("code.first-place", {}, text(columns.path[first]) + ":" + columns.line[first]),
    ),
    many,
  );
  const details = el("details.block", {}, head);
  const make = () => details.children.length === 1 && details.append(drawPlaces(block));
  details.addEventListener("toggle", make);
  if (open) {
    make();
    details.open = true;
  }
  return details;
}

function drawPlaces(block) {
  const columns = report.findings;
  const first = block[0];
  const inside = el("div.block-body", {}, drawSource(first), drawNotes(first));
  if (block.length > 1) {
    const list = el("ul.places");
    const more = el("button.button", { type: "button" });
    let shown = 0;
    const next = () => {
      for (const at of block.slice(1 + shown, 1 + shown + PLACES)) {
        const source = columns.source[at] ? el("code.line", {}, text(columns.source[at]).trim()) : null;
        list.append(
          el("li", {}, el("code", {}, place(at)), " ", el("span.quiet", {}, text(columns.scope[at])), source),
        );
      }
      shown += PLACES;
      const left = block.length - 1 - shown;
      more.hidden = left <= 0;
      more.textContent = "Show more places: " + number(left) + " left";
    };
    more.addEventListener("click", next);
    next();
    inside.append(el("h4", {}, "And in " + counted(block.length - 1, "more place")), list, more);
  }
  return inside;
}

function place(at) {
  const { path, line, column } = report.findings;
  return text(path[at]) + ":" + line[at] + ":" + column[at];
}

/** The place, and the line with its import marked. */
function drawSource(at) {
  const columns = report.findings;
  const head = el("p.place", {}, el("code", {}, place(at)), el("span.quiet", {}, text(columns.scope[at])));
  if (!columns.source[at]) return head;
  const line = text(columns.source[at]);
  const [start, length] = columns.mark[at];
  const marked = el(
    "mark",
    { class: columns.severity[at] ? "warn" : "bad" },
    line.slice(start, start + length),
  );
  const code = el("code", {}, line.slice(0, start), length ? marked : null, line.slice(start + length));
  return el("div", {}, head, el("pre.source", {}, el("span.line-number", {}, columns.source_line[at]), code));
}

/** What to write instead is code as a whole, unless it is a sentence that quotes code. */
function fix(help) {
  return help.includes("`") ? el("span", {}, rich(help)) : el("code", {}, help);
}

function drawNotes(at) {
  const columns = report.findings;
  const list = el("dl.notes");
  const add = (name, ...value) => list.append(el("div", {}, el("dt", {}, name), el("dd", {}, ...value)));
  if (columns.help[at]) add("Fix", fix(text(columns.help[at])));
  if (columns.reason[at]) add("Why", text(columns.reason[at]));
  if (columns.waived_by[at])
    add(columns.status[at] === 1 ? "Known" : "Excused by", text(columns.waived_by[at]));
  if (columns.definition[at]) add("Defined in", el("code", {}, text(columns.definition[at])));
  if (columns.registry_line[at])
    add(
      "Rule",
      el("code", {}, (report.registry || "registry") + ":" + columns.registry_line[at]),
      " ",
      text(columns.rule[at]),
      columns.kind[at] !== columns.rule[at] ? " (" + text(columns.kind[at]) + ")" : "",
    );
  if (columns.reached_by[at]) add("Reached by", counted(columns.reached_by[at], "module"));
  if (columns.stops[at]) add("Stops", counted(columns.stops[at], "module"));
  const on = graph && graph.importOf.get(at);
  if (on !== undefined) {
    const [from, to] = [nodeOf(graph.from[on]), nodeOf(graph.to[on])];
    const open = () => showImports(from, to, graph.scopes[graph.from[on]]);
    add("In the matrix", el("button.link", { type: "button", onclick: open }, nameOfPair(from, to)));
  }
  if (columns.kinds[at]) add("Import", text(columns.kinds[at]));
  if (columns.chain[at].length) {
    const chain = el("ol.chain");
    for (const [importer, imported, path, line] of columns.chain[at]) {
      chain.append(
        el(
          "li",
          {},
          el("code", {}, text(importer)),
          " imports ",
          el("code", {}, text(imported)),
          " ",
          el("span.quiet", {}, text(path) + ":" + line),
        ),
      );
    }
    add("Chain", chain);
  }
  return list;
}
