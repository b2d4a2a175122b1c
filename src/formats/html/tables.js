"use strict";
// Tables that sort and filter: by rule, package, scope, language. A row leads to its findings.

const TABLE_ROWS = 12;

const COLUMNS = [
  ["governed", "Imports"],
  ["compliance", "Comply"],
  ["violation", "Violations"],
  ["waived", "Excused"],
  ["unknown", "Unknown"],
];

function drawTables({ summary, overview }) {
  const part = section(
    "tables",
    "Where it stands",
    "Rows of rules overlap: an import is counted under each rule that governs it. In the other tables it is counted once.",
  );
  const since = Boolean(overview.since);
  const shown = (rows, name) =>
    rows.map((row) => ({ ...row, name: visible(row[name]), was: row.before ? row.before.compliance : null }));
  const columns = [...COLUMNS.slice(0, 1), ...(since ? [["was", "Before"]] : []), ...COLUMNS.slice(1)];
  const ofRules = [
    ["findings", "Findings"],
    ...(summary.baseline ? [["known", "Known"]] : []),
    ...(since
      ? [
          ["introduced", "Introduced"],
          ["fixed", "Fixed"],
        ]
      : []),
  ];
  part.append(
    table({
      id: "by-rule",
      title: "Rules",
      first: "Rule",
      rows: shown(overview.by_rule, "id"),
      columns: [["kind", "Kind"], ["severity", "Level"], ...columns, ...ofRules],
      open: (row) =>
        row.findings || row.known || row.waived ? () => showFindings({ rule: row.name }) : null,
    }),
  );
  const simple = (id, title, first, rows, open) =>
    part.append(table({ id, title, first, rows: shown(rows, "name"), columns, open }));
  // Where nobody is named as owner each package is its own.
  const sameAsPackages =
    overview.by_owner.map((row) => row.name).join() === overview.by_package.map((row) => row.name).join();
  if (!sameAsPackages) simple("by-owner", "Owners", "Owner", overview.by_owner);
  simple(
    "by-package",
    sameAsPackages ? "Packages (nobody is named as owner)" : "Packages",
    "Package",
    overview.by_package,
    (row) => () => showFindings({ words: row.name }),
  );
  simple("by-scope", "Scopes", "Scope", overview.by_scope, (row) => () => showFindings({ scope: row.name }));
  const languages = Object.entries(summary.by_language).map(([name, row]) => ({ name, ...row }));
  if (languages.length > 1) {
    part.append(
      table({
        id: "by-language",
        title: "Languages",
        first: "Language",
        rows: languages,
        columns: [["files", "Files"], ["modules", "Modules"], ...COLUMNS],
      }),
    );
  }
}

/** Worst first: what breaks, then what cannot be decided or is excused, then what there is most of. */
function worstFirst(a, b) {
  return (
    (a.severity || "").localeCompare(b.severity || "") ||
    b.violation - a.violation ||
    (b.findings || 0) - (a.findings || 0) ||
    b.unknown - a.unknown ||
    b.waived - a.waived ||
    b.governed - a.governed ||
    a.name.localeCompare(b.name)
  );
}

/**
 * A table with a caption, a filter, headings that sort, and as many rows as fit at first. `open` says of a row where its
 * name leads, if anywhere.
 */
function table({ id, title, first, rows, columns, open }) {
  const all = [["name", first], ...columns];
  const state = { key: null, down: true, matches: () => true, limit: TABLE_ROWS };
  const body = el("tbody");
  const count = el("span.count");
  const heads = all.map(([key, label]) => {
    const button = el("button.sort", { type: "button", onclick: () => sortBy(key) }, label);
    return el("th", { scope: "col", class: isText(key) ? null : "n", "data-key": key }, button);
  });
  const more = el("button.button", { type: "button", onclick: () => ((state.limit += 100), draw()) });
  const search =
    rows.length > 6
      ? filter(
          "Filter " + title.split(" ")[0].toLowerCase(),
          "name …",
          (words) => ((state.matches = matcher(words)), draw()),
        )
      : null;

  function sortBy(key) {
    state.down = state.key === key ? !state.down : !isText(key);
    state.key = key;
    draw();
    say(title + " sorted by " + key + (state.down ? ", largest first" : ", smallest first"));
  }

  function draw() {
    const kept = rows.filter((row) => state.matches(row.name));
    const { key, down } = state;
    const value = (row) => (row[key] === null ? -1 : row[key]);
    kept.sort((a, b) => {
      if (!key) return worstFirst(a, b);
      const order = isText(key) ? String(value(a)).localeCompare(String(value(b))) : value(a) - value(b);
      return (down ? -order : order) || a.name.localeCompare(b.name);
    });
    heads.forEach((head, at) => {
      if (all[at][0] === key) head.setAttribute("aria-sort", down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
    body.replaceChildren(...kept.slice(0, state.limit).map((row) => tableRow(row, columns, open)));
    if (!kept.length)
      body.append(
        el(
          "tr",
          {},
          el(
            "td.empty",
            { colspan: all.length },
            rows.length ? "No name matches the filter." : "Nothing is governed.",
          ),
        ),
      );
    more.hidden = kept.length <= state.limit;
    more.textContent = "Show " + number(Math.min(100, kept.length - state.limit)) + " more";
    count.textContent =
      kept.length === rows.length ? number(rows.length) : number(kept.length) + " of " + number(rows.length);
  }

  draw();
  return el(
    "div.table-block",
    { id },
    el("div.table-head", {}, el("h3", { id: id + "-title" }, title, " ", count), search),
    el(
      "div.scroll",
      {},
      el("table", { "aria-labelledby": id + "-title" }, el("thead", {}, el("tr", {}, heads)), body),
    ),
    more,
  );
}

function isText(key) {
  return key === "name" || key === "kind" || key === "severity" || key === "why";
}

function tableRow(row, columns, open) {
  const leads = open && open(row);
  const name = leads
    ? el("button.link", { type: "button", title: "Its findings", onclick: leads }, row.name)
    : row.name;
  const cells = columns.map(([key]) => tableCell(key, row));
  return el("tr", {}, el("th.name", { scope: "row" }, name), cells);
}

function tableCell(key, row) {
  const value = row[key];
  if (key === "compliance") {
    const bar = el("span.meter", { "aria-hidden": "true" });
    bar.style.setProperty("--part", (value || 0) + "%");
    return el("td.n.comply", {}, value === null ? null : bar, el("span", {}, percent(value)));
  }
  if (key === "severity") return el("td", {}, value === "warn" ? "warning" : value);
  if (isText(key)) return el("td.quiet", {}, value);
  if (key === "was") return el("td.n.quiet", {}, percent(value));
  if (value === undefined) return el("td.n");
  const loud = value > 0 && (key === "violation" || key === "findings" || key === "introduced");
  return el(
    loud ? (row.severity === "warn" ? "td.n.warn" : "td.n.bad") : value ? "td.n" : "td.n.zero",
    {},
    number(value),
  );
}
