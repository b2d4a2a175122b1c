"use strict";
// The blocks of the manager's page: how the number changed, what to mend first, what starts, what is excused, what was not
// seen.

/** A small table of rows made elsewhere: headings are pairs of text and whether the column holds numbers. */
function plainTable(label, headings, rows) {
  const heads = headings.map(([title, n]) => el("th" + (n ? ".n" : ""), { scope: "col" }, title));
  return el(
    "div.scroll",
    {},
    el("table.plain", { "aria-label": label }, el("thead", {}, el("tr", {}, heads)), el("tbody", {}, rows)),
  );
}

function signed(value) {
  return (value > 0 ? "+" : value < 0 ? "−" : "") + number(Math.abs(value));
}

/** How the number came about. */
function drawChange({ since, compliance }) {
  const { base, scores, change, introduced, fixed, migrations } = since;
  const before = scores.base_code.base_registry || scores.base_code.head_registry;
  const terms = [
    ["policy", "the base's code under today's registry"],
    ["fixed", "the same import, now compliant"],
    ["broken", "the same import, no longer compliant"],
    ["deleted", "with its statement or file"],
    ["added", "new imports"],
  ];
  const total = (name, tally) =>
    el(
      "tr.total",
      {},
      el("th", { scope: "row" }, name),
      el("td"),
      el("td.n", {}, number(tally.governed)),
      el("td.n", {}, number(tally.compliant)),
      el("td.n", {}, percent(tally.compliance)),
    );
  const rows = [total("before", before)];
  for (const [key, means] of terms) {
    const term = change[key];
    rows.push(
      el(
        "tr",
        {},
        el("th", { scope: "row" }, key),
        el("td.quiet", {}, means),
        el("td.n", {}, term ? signed(term.governed) : "n/a"),
        el("td.n", {}, term ? signed(term.compliant) : "n/a"),
        el("td"),
      ),
    );
  }
  rows.push(total("now", compliance));
  const name = base.revision ? visible(base.revision) : "the base";
  const commit = base.commit ? " (" + base.commit.slice(0, 12) + ")" : "";
  const arrow = el(
    "p.change",
    {},
    el("b", {}, percent(before.compliance)),
    " → ",
    el("b", {}, percent(compliance.compliance)),
    " · " + counted(introduced, "finding") + " introduced, " + number(fixed) + " fixed",
  );
  const content = [
    arrow,
    plainTable(
      "The change as a sum",
      [
        ["", false],
        ["", false],
        ["governed", true],
        ["compliant", true],
        ["comply", true],
      ],
      rows,
    ),
  ];
  if (migrations.length) {
    const moved = migrations.slice(0, 50).map((one) => {
      const to = Object.entries(one.to)
        .map(([door, count]) => visible(door) + " (" + number(count) + ")")
        .join(", ");
      return el(
        "tr",
        {},
        el("th", { scope: "row" }, el("code", {}, visible(one.name))),
        el("td", {}, el("code", {}, visible(one.from))),
        el("td", {}, to),
        el("td.n", {}, number(one.migrated)),
        el("td.n", {}, number(one.remaining)),
        el("td.n", {}, number(one.introduced)),
      );
    });
    content.push(
      el("h4", {}, "Imports that came through another door"),
      plainTable(
        "Migrations",
        [
          ["name", false],
          ["old door", false],
          ["now from", false],
          ["migrated", true],
          ["remaining", true],
          ["introduced", true],
        ],
        moved,
      ),
    );
  }
  return block("Since " + name + commit, ...content);
}

function drawCauses(causes) {
  const rows = causes.map((cause) => {
    const open = () =>
      showFindings({ words: visible(cause.cause), rule: cause.rules.length === 1 ? cause.rules[0] : "" });
    return el(
      "tr",
      {},
      el("td.n", {}, el("b", {}, number(cause.uses))),
      el(
        "th.name",
        { scope: "row" },
        el("button.link", { type: "button", onclick: open }, el("code", {}, visible(cause.cause))),
        el("div.quiet.small", {}, rich(visible(cause.message))),
      ),
      el("td.small", {}, cause.rules.map(visible).join(", ")),
      el("td.small.place-cell", {}, el("code", {}, visible(cause.path) + ":" + cause.line)),
    );
  });
  const note = el(
    "p.note",
    {},
    "Imports that nothing else speaks against: each complies once the cause is mended.",
  );
  return block(
    "What would move most",
    note,
    plainTable(
      "Causes",
      [
        ["imports", true],
        ["cause", false],
        ["rules", false],
        ["for one", false],
      ],
      rows,
    ),
  );
}

const STANDING = {
  holds: ["HOLDS", "good"],
  does_not_hold: ["DOES NOT HOLD", "bad"],
  cannot_say: ["CANNOT SAY", "warn"],
};

function standing(which) {
  const [words, kind] = STANDING[which];
  return el("span.badge." + kind, {}, words);
}

function drawEntryPoints(points) {
  const rows = points.map((entry) => {
    const followed =
      entry.modules === null
        ? number(entry.start) + " of " + counted(entry.of, "module") + " start"
        : counted(entry.modules, "module") +
          ", " +
          counted(entry.functions || 0, "function") +
          " followed, " +
          number(entry.not_followed || 0) +
          " calls not";
    return el(
      "tr",
      {},
      el("td", {}, standing(entry.standing)),
      el(
        "th.name",
        { scope: "row" },
        el("code", {}, visible(entry.starts)),
        el("div.quiet.small", {}, visible(entry.id)),
      ),
      el("td.small", {}, followed),
      el("td.small.place-cell", {}, entry.failure ? rich(visible(entry.failure)) : ""),
    );
  });
  return block(
    "Entry points",
    plainTable(
      "Entry points",
      [
        ["", false],
        ["starts", false],
        ["followed", false],
        ["what stops it", false],
      ],
      rows,
    ),
  );
}

function drawWaivers(waivers) {
  const rows = waivers.dated.map((one) => {
    const left =
      one.days < 0 ? "ended " + counted(-one.days, "day") + " ago" : counted(one.days, "day") + " left";
    return el(
      "tr",
      {},
      el("td", {}, one.until),
      el(one.days <= 30 ? "td.bad" : "td.quiet", {}, left),
      el(
        "th.name",
        { scope: "row" },
        el("code", {}, visible(one.what)),
        el("div.quiet.small", {}, visible(one.reason)),
      ),
      el("td.small", {}, one.rules.map(visible).join(", ")),
      el("td.small.place-cell", {}, el("code", {}, visible(one.path) + ":" + one.line)),
    );
  });
  const content = [
    plainTable(
      "Waivers with a date",
      [
        ["until", false],
        ["", false],
        ["what", false],
        ["rules", false],
        ["written", false],
      ],
      rows,
    ),
  ];
  if (waivers.put_off.length) {
    const moved = waivers.put_off.map((one) =>
      el(
        "tr",
        {},
        el("th.name", { scope: "row" }, el("code", {}, visible(one.what))),
        el("td", {}, one.dates.join(" → ")),
        el("td.small", {}, el("code", {}, visible(one.path))),
      ),
    );
    content.push(
      el("h4", {}, "Dates that were put off"),
      plainTable(
        "Dates that were put off",
        [
          ["what", false],
          ["dates", false],
          ["written", false],
        ],
        moved,
      ),
    );
  }
  return block("Excused until a day", ...content);
}

function notSeen(summary, unseen, unknown, unparsed) {
  const list = el("ul.facts-list");
  const add = (value, means, more) => list.append(el("li", {}, el("b", {}, value), " ", means, more || null));
  if (unseen.unparsed_files) {
    const production = unparsed.scope.filter((scope) => text(scope) === PRODUCTION).length;
    add(
      counted(unseen.unparsed_files, "file"),
      "could not be parsed (" + number(production) + " production)",
      unparsedFiles(unparsed),
    );
  }
  if (summary.unknown) add(counted(summary.unknown, "import"), "cannot be decided", undecidedUses(unknown));
  if (unseen.computed_imports)
    add(
      counted(unseen.computed_imports, "import"),
      unseen.computed_imports === 1 ? "has a computed target" : "have computed targets",
    );
  if (unseen.calls_not_followed)
    add(counted(unseen.calls_not_followed, "call"), "could not be followed from the entry points");
  if (unseen.excluded_files)
    add(counted(unseen.excluded_files, "file"), [
      "hidden by ",
      el("code", {}, "exclude"),
      ", with " + counted(unseen.excluded_imports, "import line"),
    ]);
  for (const [language, files] of Object.entries(unseen.not_read)) {
    if (files)
      add(
        counted(files, language + " file"),
        language === "rust" ? "that no target reaches" : "not read: that language is not known yet",
      );
  }
  if (!list.children.length)
    list.append(
      el("li", {}, "Nothing: every source file was read and parsed, and every governed import decided."),
    );
  return list;
}

/** A list that opens, and is made when it does. */
function opening(title, make) {
  const details = el("details.inline", {}, el("summary", {}, title));
  details.addEventListener("toggle", () => {
    if (details.open && details.children.length === 1) details.append(make());
  });
  return details;
}

const LISTED = 200;

function unparsedFiles(files) {
  return opening("which", () => {
    const list = el("ul.places");
    files.path.slice(0, LISTED).forEach((path, at) => {
      list.append(
        el("li", {}, el("code", {}, text(path) + ":" + files.line[at]), " " + text(files.message[at])),
      );
    });
    return el("div", {}, list, rest(files.path.length));
  });
}

function undecidedUses(uses) {
  return opening("why", () => {
    const reasons = new Map();
    uses.why.forEach((why, at) => {
      const reason = text(why).replace(/`[^`]*`/g, "…");
      if (!reasons.has(reason)) reasons.set(reason, []);
      reasons.get(reason).push(at);
    });
    const list = el("ul.places");
    const sorted = [...reasons].sort((a, b) => b[1].length - a[1].length);
    for (const [reason, all] of sorted.slice(0, LISTED)) {
      const places = opening(counted(all.length, "place"), () => {
        const inner = el("ul.places");
        for (const at of all.slice(0, LISTED)) {
          inner.append(
            el(
              "li",
              {},
              el("code", {}, text(uses.path[at]) + ":" + uses.line[at]),
              " " + text(uses.target[at]),
            ),
          );
        }
        return el("div", {}, inner, rest(all.length));
      });
      list.append(el("li", {}, reason + " ", places));
    }
    return el(
      "div",
      {},
      list,
      uses.left_out ? el("p.note", {}, number(uses.left_out) + " more are not listed on this page.") : null,
    );
  });
}

function rest(count) {
  return count > LISTED
    ? el(
        "p.note",
        {},
        "… and " + number(count - LISTED) + " more: `importlaw check --format json` lists them all.",
      )
    : null;
}
