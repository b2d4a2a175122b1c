"use strict";
// The page that closes an incident: whether what was promised holds, what is left, and what catches a relapse.

const MENTIONS = 100;

function drawClosing(closing, overview) {
  const part = section("closing", "Closing");
  part.append(el("p.verdict" + (closing.ready ? "" : ".open"), {}, visible(closing.verdict)));
  const ratio = (tally) => (tally ? number(tally.violation) + " of " + number(tally.governed) : "");
  const rows = closing.rules.map((rule, at) => {
    const scopes = Object.entries(rule.by_scope).map(
      ([scope, one]) =>
        visible(scope) +
        ": " +
        (one.before ? number(one.before.violation) + " → " : "") +
        number(one.now.violation),
    );
    const open = () => showFindings({ rule: visible(rule.id) });
    return el(
      "tr",
      {},
      el("td", {}, standing(rule.standing)),
      el(
        "th.name",
        { scope: "row" },
        el("button.link", { type: "button", onclick: open }, el("code", {}, visible(rule.id))),
        el("div.quiet.small", {}, rule.reason ? visible(rule.reason) : ""),
        el("div.quiet.small", {}, level(rule)),
        places("not decided", rule.unknown),
        places("about its lines in the registry", rule.about_it),
      ),
      el("td.n", {}, ratio(rule.before)),
      el("td.n", {}, ratio(rule.now)),
      el("td.small", {}, scopes.join(" · ")),
      el("td.small.place-cell", {}, closing.blocked_by[at] ? visible(closing.blocked_by[at]) : ""),
    );
  });
  part.append(
    block(
      "Rules",
      plainTable(
        "Rules to be closed",
        [
          ["", false],
          ["rule", false],
          ["before", true],
          ["violations now", true],
          ["by scope", false],
          ["left", false],
        ],
        rows,
      ),
    ),
  );
  if (closing.entrypoints.length) part.append(drawEntryPoints(closing.entrypoints));
  part.append(block("Remaining mentions of what is retired or forbidden", drawMentions(closing.mentions)));
  if (closing.waivers.length) part.append(drawWaivers({ dated: closing.waivers, put_off: [] }));
  const catches = closing.ci.map((place) =>
    el("li", {}, el("code", {}, visible(place.path) + ":" + place.line), " " + visible(place.text)),
  );
  part.append(
    block(
      "What catches a relapse",
      el(
        "ul.facts-list",
        {},
        catches.length
          ? catches
          : el("li", {}, "Nothing that literal text shows: no CI file runs the check."),
      ),
    ),
  );
  const commit = overview.head.commit ? "commit " + overview.head.commit : "no commit";
  part.append(
    block(
      "To make this page again",
      el("pre.source", {}, el("code", {}, visible(closing.command))),
      el("p.note", {}, commit),
    ),
  );
}

/** What a relapse would meet: the kind of rule, its level, and where it is written. */
function level(rule) {
  const where = rule.registry_line ? (report.registry || "registry") + ":" + rule.registry_line : "built in";
  return [rule.kind, rule.off ? "off" : rule.severity === "warn" ? "warning" : "error", visible(where)].join(
    " · ",
  );
}

/** A count that opens into its places; nothing where there is none. */
function places(words, found) {
  if (!found.length) return null;
  return el(
    "div.small",
    {},
    opening(number(found.length) + " " + words, () =>
      el(
        "ul.places",
        {},
        found
          .slice(0, LISTED)
          .map((one) =>
            el("li", {}, el("code", {}, visible(one.path) + ":" + one.line), " ", rich(visible(one.message))),
          ),
        el("li", {}, rest(found.length)),
      ),
    ),
  );
}

function drawMentions(mentions) {
  const list = el("ul.facts-list");
  for (const one of mentions) {
    const kinds = Object.entries(one.counts)
      .filter(([, count]) => count)
      .map(([kind, count]) => counted(count, kind));
    const places = () => {
      const inner = el("ul.places");
      for (const place of one.places.slice(0, MENTIONS))
        inner.append(
          el(
            "li",
            {},
            el("code", {}, visible(place.path) + ":" + place.line),
            " ",
            el("span.quiet", {}, place.kind),
            el("code.line", {}, visible(place.text)),
          ),
        );
      if (one.places.length > MENTIONS)
        inner.append(el("li.quiet", {}, "and " + number(one.places.length - MENTIONS) + " more"));
      return inner;
    };
    list.append(
      el(
        "li",
        {},
        el("code", {}, visible(one.name)),
        " " + (kinds.join(", ") || "none"),
        one.places.length ? opening("where", places) : null,
      ),
    );
  }
  if (!mentions.length) list.append(el("li", {}, "The named rules retire and forbid nothing by name."));
  return list;
}
