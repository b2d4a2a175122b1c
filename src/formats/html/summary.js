"use strict";
// The first screen: the number, what it is made of, what holds, and what was not seen.

const VERDICTS = [
  ["compliant", "comply"],
  ["violation", "break a rule"],
  ["waived", "excused"],
  ["unknown", "cannot be decided"],
];

function drawSummary({ headline, found, summary, selected, unknown, unparsed, notes }) {
  const part = section("summary", "Summary");
  part.querySelector("h2").className = "unseen";
  const governs = summary.compliance !== null;
  const atLeast = governs && summary.unknown > 0;
  part.append(
    el(
      "div.headline",
      {},
      el("p.figure", {}, atLeast ? el("span.at-least", {}, "at least ") : null, percent(summary.compliance)),
      el("p.sentence", {}, visible(headline)),
    ),
  );
  if (governs) part.append(shares(summary));
  part.append(facts(summary, found));
  const unseen = notSeen(summary, unknown, unparsed);
  const aside = el("div.unseen-list", {}, el("h3", {}, "Not seen, and so not counted as compliant"), unseen);
  part.append(aside);
  if (selected.length) {
    part.append(el("p.notice", {}, "The findings below are only those selected by " + selected.join(", ") + "; every number is the whole project's."));
  }
  for (const note of notes) part.append(el("p.notice", {}, note));
}

/** One bar of all governed imports, and its legend. */
function shares(tally) {
  const bar = el("div.shares", { role: "img", "aria-label": VERDICTS.map(([key, means]) => number(tally[key]) + " " + means).join(", ") });
  const legend = el("ul.legend");
  for (const [key, means] of VERDICTS) {
    if (tally[key] > 0) {
      const share = el("span.share." + key);
      share.style.flexGrow = tally[key];
      bar.append(share);
    }
    legend.append(el("li", {}, el("span.key." + key, { "aria-hidden": "true" }), el("b", {}, number(tally[key])), " " + means));
  }
  return el("div", {}, bar, legend);
}

function facts(summary, found) {
  const list = el("dl.facts");
  const fact = (name, value, more) => list.append(el("div.fact", {}, el("dt", {}, name), el("dd", {}, el("b", {}, value), more ? el("span", {}, more) : null)));
  const { holding, total } = summary.rules;
  fact("Rules holding", number(holding) + " of " + number(total), worstRule(summary));
  if (summary.starts) {
    const { entries, service } = summary.starts;
    if (entries.length) fact("Entry points that start", number(entries.filter((entry) => !entry.failure).length) + " of " + number(entries.length));
    if (service.modules) fact("Service modules that can be imported", number(service.modules - service.fail) + " of " + number(service.modules), service.fail ? counted(service.causes, "cause") + " stop the others" : null);
  }
  const [first, ...others] = found.split(" · ");
  fact("Findings", visible(first), visible(others.join(" · ")));
  if (summary.file_compliance !== null) fact("Files that comply in full", percent(summary.file_compliance), "of " + counted(summary.files, "file") + " read, those with imports");
  if (summary.coverage !== null) fact("Coverage", percent(summary.coverage), "of first-party imports have a rule in the registry");
  fact("Size", counted(summary.modules, "module"), counted(summary.imports, "import") + " · " + counted(summary.edges, "edge"));
  return list;
}

function worstRule(summary) {
  const rules = Object.entries(summary.by_rule).filter(([, row]) => row.severity === "error" && (row.violation || row.findings + row.known));
  if (!rules.length) return null;
  rules.sort(([, a], [, b]) => b.violation - a.violation || b.findings - a.findings);
  const [rule, row] = rules[0];
  const much = row.violation ? counted(row.violation, "violation") + " in " + counted(row.governed, "import") : counted(row.findings + row.known, "finding");
  return "worst: " + visible(rule) + ", " + much;
}

function notSeen(summary, unknown, unparsed) {
  const list = el("ul");
  const add = (value, means, more) => list.append(el("li", {}, el("b", {}, value), " " + means, more || null));
  if (summary.unparsed_files) {
    const production = unparsed.scope.filter((scope) => text(scope) === PRODUCTION).length;
    add(counted(summary.unparsed_files, "file"), "could not be parsed, " + number(production) + " of production", unparsedFiles(unparsed));
  }
  if (summary.unknown) {
    add(counted(summary.unknown, "import"), "cannot be decided", undecidedUses(unknown));
  }
  if (summary.excluded_files) add(counted(summary.excluded_files, "file"), "are hidden by `exclude`, with " + counted(summary.excluded_imports, "import line"));
  for (const [language, files] of Object.entries(summary.not_read)) {
    if (files) add(counted(files, language + " file"), language === "rust" ? "that no target reaches" : "not read: that language is not known yet");
  }
  if (!list.children.length) list.append(el("li", {}, "Nothing: every source file was read and parsed, and every governed import decided."));
  return list;
}

/** A list that opens, and is made when it does. */
function opening(title, make) {
  const details = el("details.inline", {}, el("summary", {}, title));
  details.addEventListener("toggle", () => details.open && details.children.length === 1 && details.append(make()), { once: false });
  return details;
}

const LISTED = 200;

function unparsedFiles(files) {
  return opening("which", () => {
    const list = el("ul.places");
    files.path.slice(0, LISTED).forEach((path, at) => {
      list.append(el("li", {}, el("code", {}, text(path) + ":" + files.line[at]), " " + text(files.message[at])));
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
          inner.append(el("li", {}, el("code", {}, text(uses.path[at]) + ":" + uses.line[at]), " " + text(uses.target[at])));
        }
        return el("div", {}, inner, rest(all.length));
      });
      list.append(el("li", {}, reason + " ", places));
    }
    return el("div", {}, list, uses.left_out ? el("p.note", {}, number(uses.left_out) + " more are not listed on this page.") : null);
  });
}

function rest(count) {
  return count > LISTED ? el("p.note", {}, "… and " + number(count - LISTED) + " more: `importlaw check --format json` lists them all.") : null;
}
