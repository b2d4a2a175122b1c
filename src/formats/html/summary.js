"use strict";
// The first screen: the number, what it is made of, what holds, what would move most, and what was not seen.

const VERDICTS = [
  ["compliant", "comply"],
  ["violation", "break a rule"],
  ["waived", "are excused"],
  ["unknown", "cannot be decided"],
];

function drawSummary({ headline, found, summary, overview, selected, unknown, unparsed, notes }) {
  const part = section("summary", "Summary");
  part.querySelector("h2").className = "unseen";
  const tally = overview.compliance;
  part.append(figure(tally, headline));
  if (tally.governed) part.append(shares(tally));
  if (overview.uncommitted)
    part.append(
      el("p.notice", {}, "What was judged is not the commit: files were changed and not committed."),
    );
  part.append(facts(summary, overview, found));
  if (overview.since) part.append(drawChange(overview));
  if (overview.trend) part.append(drawTrend(overview.trend));
  if (overview.causes.length) part.append(drawCauses(overview.causes));
  if (overview.entrypoints.length) part.append(drawEntryPoints(overview.entrypoints));
  if (overview.waivers.dated.length || overview.waivers.put_off.length)
    part.append(drawWaivers(overview.waivers));
  part.append(
    block(
      "Not seen, and so never counted as compliant",
      notSeen(summary, overview.not_seen, unknown, unparsed),
    ),
  );
  if (selected.length)
    part.append(
      el(
        "p.notice",
        {},
        "The findings below are only those selected by " +
          selected.join(", ") +
          "; every number is the whole project's.",
      ),
    );
  if (notes.length)
    part.append(
      block(
        "Of this run",
        el(
          "ul.facts-list",
          {},
          notes.map((note) => el("li", {}, rich(note))),
        ),
      ),
    );
}

function block(title, ...content) {
  return el("div.subpart", {}, el("h3", {}, title), ...content);
}

function figure(tally, headline) {
  const atLeast = tally.compliance !== null && tally.unknown > 0;
  const sentence = headline.replace(/^(At least )?[\d.]+ % of /, "of ").replace(/^n\/a: /, "");
  return el(
    "div.headline",
    {},
    el("p.figure", {}, atLeast ? el("span.at-least", {}, "at least ") : null, percent(tally.compliance)),
    el("p.sentence", {}, visible(sentence)),
  );
}

/** One bar of all governed imports, and its legend. */
function shares(tally) {
  const bar = el("div.shares", {
    role: "img",
    "aria-label": VERDICTS.map(([key, means]) => number(tally[key]) + " " + means).join(", "),
  });
  const legend = el("ul.legend");
  for (const [key, means] of VERDICTS) {
    if (tally[key] > 0) {
      const share = el("span.share." + key);
      share.style.flexGrow = tally[key];
      bar.append(share);
    }
    legend.append(
      el(
        "li",
        {},
        el("span.key." + key, { "aria-hidden": "true" }),
        el("b", {}, number(tally[key])),
        " " + means,
      ),
    );
  }
  return el("div", {}, bar, legend);
}

function facts(summary, overview, found) {
  const list = el("dl.facts");
  const fact = (name, value, more) =>
    list.append(
      el(
        "div.fact",
        {},
        el("dt", {}, name),
        el("dd", {}, el("b", {}, value), more ? el("span", {}, more) : null),
      ),
    );
  fact(
    "Rules holding",
    number(overview.rules.holding) + " of " + number(overview.rules.total),
    worstRule(summary),
  );
  const points = overview.entrypoints;
  if (points.length) {
    const starting = points.filter((entry) => entry.standing === "holds").length;
    fact("Entry points starting", number(starting) + " of " + number(points.length), startsOf(summary));
  } else {
    fact("Entry points starting", "none named", startsOf(summary));
  }
  const [first, ...others] = found.split(" · ");
  fact(
    "Findings",
    visible(first.replace(/ in ([\d,]+ files?)$/, "")),
    visible([first.match(/ in ([\d,]+ files?)$/)?.[0].trim(), ...others].filter(Boolean).join(" · ")),
  );
  const { dated, soon, uses, put_off: putOff, compared_with: comparedWith } = overview.waivers;
  const waived = [
    number(dated.length) + " with a date",
    comparedWith === null ? null : counted(putOff.length, "date") + " put off",
  ];
  fact(
    "Waivers that end within 30 days",
    number(soon),
    [counted(uses, "use") + " excused", ...waived].filter(Boolean).join(" · "),
  );
  fact(
    "Files that comply in full",
    percent(overview.file_compliance),
    "of those with imports; " + counted(overview.files, "file") + " read",
  );
  if (overview.project.registry)
    fact("Coverage", percent(overview.coverage), "of first-party imports have a rule in the registry");
  const [shells, was] = [overview.shells, overview.shells_before];
  const changed = (key) =>
    number(shells[key]) +
    (was && was[key] !== shells[key] ? " (" + signed(shells[key] - was[key]) + ")" : "");
  if (summary.by_language.python)
    fact(
      "Modules without code of their own",
      number(shells.reexport + shells.stubs),
      changed("reexport") + " only re-export · " + changed("stubs") + " hold only stubs",
    );
  fact(
    "Size",
    counted(overview.modules, "module"),
    counted(summary.imports, "import") + " · " + counted(summary.edges, "edge"),
  );
  return list;
}

function startsOf({ starts }) {
  if (!starts || !starts.service.modules) return null;
  return (
    number(starts.service.fail) +
    " of " +
    counted(starts.service.modules, "service module") +
    " cannot be imported"
  );
}

function worstRule(summary) {
  const rules = Object.entries(summary.by_rule).filter(
    ([, row]) => row.severity === "error" && (row.violation || row.findings + row.known),
  );
  if (!rules.length) return null;
  rules.sort(([, a], [, b]) => b.violation - a.violation || b.findings - a.findings);
  const [rule, row] = rules[0];
  const much = row.violation
    ? counted(row.violation, "violation") + " in " + counted(row.governed, "import")
    : counted(row.findings + row.known, "finding");
  return "worst: " + visible(rule) + ", " + much;
}
