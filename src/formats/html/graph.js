"use strict";
// The graph of packages: arrows carry counts, a click opens a package in its place. Never all modules at once.

const NODES = { first: 16, opened: 12 };
const ARROWS = 48;
/** Smaller than this the names cannot be read; the drawing scrolls instead. */
const LEGIBLE = 0.72;
const BOX = { height: 44, letter: 7.3, least: 96, most: 250, pad: 16, title: 30 };

function drawGraph() {
  const part = section("graph", "Graph");
  const state = {
    scope: scopeAtFirst(),
    open: new Set(),
    least: null,
    onlyBroken: false,
    zoom: null,
    chosen: null,
  };

  // Two or three boxes say nothing: the largest of them is opened.
  const first = childrenOf(firstNode(state.scope)).filter((one) => counts(one, state.scope));
  if (first.length <= 3) {
    const largest = first
      .filter(opens)
      .sort((a, b) => modulesOf(b, state.scope) - modulesOf(a, state.scope))[0];
    if (largest) state.open.add(largest);
  }
  const holder = el("div.graph-holder", {
    tabindex: "0",
    role: "group",
    "aria-label": "Graph of packages; Tab goes from package to package, Enter opens one",
  });
  const note = el("p.note");
  const about = el("div.about", { "aria-live": "polite" });
  const fields = el("div.filters");
  const scopes = scopesOfGraph();
  if (scopes.length > 1) fields.append(importersOf(scopes, state, draw));
  const least = el("input", {
    type: "range",
    min: "0",
    max: "12",
    value: "0",
    oninput: () => ((state.least = 2 ** Number(least.value)), draw()),
  });
  const leastWords = el("output");
  fields.append(
    el(
      "label.field",
      {},
      el("span", {}, "Arrows of at least"),
      el("span.with-output", {}, least, leastWords),
    ),
  );
  const only = el("input", { type: "checkbox", onchange: () => ((state.onlyBroken = only.checked), draw()) });
  fields.append(el("label.check", {}, only, "only broken rules"));
  const zoom = (factor) => () => {
    state.zoom = factor ? (state.zoom || Math.max(LEGIBLE, fit())) * factor : fit();
    scale();
  };
  const tool = (label, title, act) =>
    el("button.button", { type: "button", title, "aria-label": title, onclick: act }, label);
  fields.append(
    el(
      "span.tools",
      {},
      tool("−", "Smaller", zoom(0.8)),
      tool("+", "Larger", zoom(1.25)),
      tool("Fit", "Fit the width", zoom(0)),
      tool("Close all", "Close all packages", () => (state.open.clear(), draw())),
    ),
  );
  const key = el(
    "ul.legend",
    {},
    el("li", {}, arrowKey(""), "imports, and how many"),
    el("li", {}, arrowKey("bad"), "some break a rule"),
    el("li", {}, arrowKey("warn"), "some are warned of"),
    el("li", {}, arrowKey("up"), "against the order of the layers"),
  );
  part.append(key, fields, note, holder, about);
  let size = { width: 0, height: 0 };

  function fit() {
    return Math.min(1, (holder.clientWidth - 4) / Math.max(1, size.width));
  }

  function scale() {
    const drawing = holder.querySelector("svg");
    if (!drawing) return;
    const by = state.zoom || Math.max(LEGIBLE, fit());
    drawing.setAttribute("width", Math.round(size.width * by));
    drawing.setAttribute("height", Math.round(size.height * by));
  }

  function toggle(at) {
    if (!opens(at)) return choose(at);
    if (state.open.has(at)) state.open.delete(at);
    else state.open.add(at);
    state.chosen = at;
    draw(at);
    say(nameOf(at) + (state.open.has(at) ? " opened" : " closed"));
  }

  function choose(at) {
    state.chosen = at;
    about.replaceChildren(aboutNode(at, state.scope));
  }

  function draw(focusOn) {
    const top = boxOf(firstNode(state.scope), state, true);
    const leaves = [];
    collect(top, leaves);
    const arrows = arrowsBetween(leaves, state);
    const shown = shownArrows(arrows, state);
    leastWords.textContent = counted(shown.least, "import");
    least.value = Math.log2(shown.least);
    arrange(top, shown.arrows);
    absolute(top, 0, 0);
    size = { width: top.width, height: top.height };
    const words = [
      counted(leaves.length, "package or module", "packages and modules"),
      counted(shown.arrows.length, "arrow"),
    ];
    if (shown.arrows.length < arrows.length)
      words.push(counted(arrows.length - shown.arrows.length, "thinner one") + " not drawn");
    words.push("choose a package to open it");
    note.textContent = words.join(" · ");
    const drawing = picture(top, leaves, shown.arrows, { toggle, choose, scope: state.scope });
    holder.replaceChildren(leaves.length ? drawing : el("p.empty", {}, "No module to show."));
    scale();
    if (focusOn) {
      const again = [...holder.querySelectorAll("[role=button]")].find((one) => one.node === focusOn);
      if (again) {
        again.focus({ preventScroll: true });
        again.scrollIntoView({ block: "nearest", inline: "nearest" });
      }
    }
  }

  draw();
  addEventListener("resize", debounced(scale));
  // Before the page was shown it had no width.
  requestAnimationFrame(scale);
}

function arrowKey(kind) {
  return svg(
    "svg.arrow-key",
    { width: "34", height: "12", "aria-hidden": "true" },
    svg("path.arrow" + (kind ? "." + kind : ""), { d: "M2 6H26" }),
    svg("path.tip" + (kind ? "." + kind : ""), { d: "M25 2L33 6L25 10Z" }),
  );
}

/** A box for a node; an opened one holds boxes for its children. */
function boxOf(at, state, top) {
  if (!top && !state.open.has(at)) {
    const label = at.label.length > 32 ? at.label.slice(0, 31) + "…" : at.label;
    return {
      node: at,
      label,
      width: Math.min(BOX.most, Math.max(BOX.least, label.length * BOX.letter + 34)),
      height: BOX.height,
      inside: null,
    };
  }
  const found = childrenOf(at).filter((one) => counts(one, state.scope));
  const kept = atMost(found, top ? NODES.first : NODES.opened, at, state.scope);
  const inside = inOrder(kept, container(at), state.scope).map((one) => boxOf(one, state, false));
  return { node: at, label: nameOf(at), inside, top };
}

function collect(box, leaves) {
  if (!box.inside) {
    leaves.push(box);
    return;
  }
  for (const one of box.inside) {
    one.outer = box;
    collect(one, leaves);
  }
}

function arrowsBetween(leaves, { scope }) {
  const nodes = leaves.map((leaf) => leaf.node);
  const cells = tally(nodes, nodes, scope);
  const arrows = [];
  for (let a = 0; a < nodes.length; a++) {
    for (let b = 0; b < nodes.length; b++) {
      const cell = a * nodes.length + b;
      if (a !== b && cells.counts[cell])
        arrows.push({
          a: leaves[a],
          b: leaves[b],
          count: cells.counts[cell],
          level: cells.level[cell],
          broken: cells.broken[cell],
        });
    }
  }
  return arrows;
}

/** The arrows that are drawn: broken rules always, of the others the thicker ones. */
function shownArrows(arrows, state) {
  let least = state.least;
  if (least === null) {
    least = 1;
    while (least < 4096 && arrows.filter((arrow) => arrow.count >= least).length > ARROWS) least *= 2;
  }
  return {
    least,
    arrows: arrows.filter((arrow) =>
      state.onlyBroken ? arrow.level > 1 : arrow.count >= least || arrow.level === 3,
    ),
  };
}

/** Sizes and places inside each opened box, from the inside out. */
function arrange(box, arrows) {
  if (!box.inside) return;
  for (const one of box.inside) arrange(one, arrows);
  const index = new Map(box.inside.map((one, at) => [one, at]));
  const between = new Map();
  for (const arrow of arrows) {
    const [from, to] = [index.get(within(arrow.a, box)), index.get(within(arrow.b, box))];
    if (from === undefined || to === undefined || from === to) continue;
    const key = from + " " + to;
    if (!between.has(key)) between.set(key, { from, to, of: [] });
    between.get(key).of.push(arrow);
  }
  const all = [...between.values()];
  const size = layered(box.inside, all);
  const title = box.top ? 0 : BOX.title;
  for (const one of box.inside) {
    one.x += BOX.pad;
    one.y += BOX.pad + title;
  }
  for (const { from, to, of, points } of all) {
    for (const arrow of of) {
      arrow.against = from > to;
      const plain = arrow.a === box.inside[from] && arrow.b === box.inside[to];
      arrow.points = plain
        ? points.map((point) => ({ ...point, x: point.x + BOX.pad, y: point.y + BOX.pad + title }))
        : [];
      arrow.inside = box;
    }
  }
  const named = box.top ? 0 : box.label.length * BOX.letter + 60;
  box.width = Math.max(size.width, named) + 2 * BOX.pad;
  box.height = size.height + 2 * BOX.pad + title;
}

/** The box directly inside `outer` that holds a box. */
function within(box, outer) {
  while (box && box.outer !== outer) box = box.outer;
  return box;
}

function absolute(box, x, y) {
  box.x = (box.x || 0) + x;
  box.y = (box.y || 0) + y;
  for (const one of box.inside || []) absolute(one, box.x, box.y);
}

function picture(top, leaves, arrows, act) {
  const drawing = svg("svg", {
    viewBox: `0 0 ${Math.ceil(top.width)} ${Math.ceil(top.height)}`,
    role: "presentation",
  });
  const frames = svg("g");
  const lines = svg("g");
  const boxes = svg("g");
  const tags = svg("g");
  drawing.append(frames, lines, boxes, tags);
  route(arrows, leaves);
  const most = Math.max(1, ...arrows.map((arrow) => arrow.count));
  const drawn = new Map();
  for (const arrow of arrows) {
    const line = drawArrow(arrow, most, act.scope);
    const tag = drawTag(arrow, act.scope);
    lines.append(line);
    tags.append(tag);
    for (const end of [arrow.a, arrow.b]) {
      if (!drawn.has(end)) drawn.set(end, []);
      drawn.get(end).push(line, tag);
    }
  }
  const walk = (box) => {
    for (const one of box.inside || []) {
      if (one.inside) {
        frames.append(
          svg("rect.frame-box", { x: one.x, y: one.y, width: one.width, height: one.height, rx: 10 }),
        );
        boxes.append(drawFrameHead(one, act));
        walk(one);
      } else boxes.append(drawBox(one, act, drawing, drawn));
    }
  };
  walk(top);
  return drawing;
}

function pressable(shape, box, act) {
  shape.node = box.node;
  shape.addEventListener("click", () => act.toggle(box.node));
  shape.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    act.toggle(box.node);
  });
  return shape;
}

/** The head of an opened package, which closes it. */
function drawFrameHead(box, act) {
  const { x, y } = box;
  const width = Math.min(box.width, box.label.length * BOX.letter + 44);
  const head = svg(
    "g.frame-head",
    { tabindex: "0", role: "button", "aria-expanded": "true", "aria-label": "Close " + nameOf(box.node) },
    svg("rect", { x, y, width, height: BOX.title - 4, rx: 8 }),
    svg("text", { x: x + 14, y: y + 18 }, "▾ " + box.label),
  );
  return pressable(head, box, act);
}

function drawBox(box, act, drawing, drawn) {
  const { x, y, width, height, node: at } = box;
  const modules = modulesOf(at, null);
  const open = opens(at);
  const words = open ? counted(modules, "module") : "module";
  const shape = svg(
    "g.box" + (at.members ? ".several" : open ? "" : ".leaf"),
    {
      tabindex: "0",
      role: "button",
      "aria-expanded": open ? "false" : null,
      "aria-label": (open ? "Open " : "About ") + nameOf(at) + ", " + words,
    },
    svg("title", {}, nameOf(at)),
    svg("rect", { x, y, width, height, rx: 8 }),
    svg("text.name", { x: x + width / 2, y: y + 19 }, (open ? "▸ " : "") + box.label),
    svg("text.size", { x: x + width / 2, y: y + 35 }, words),
  );
  pressable(shape, box, act);
  const near = (on) => {
    drawing.classList.toggle("dimmed", on);
    for (const line of drawn.get(box) || []) line.classList.toggle("near", on);
  };
  shape.addEventListener("mouseenter", () => near(true));
  shape.addEventListener("mouseleave", () => near(false));
  shape.addEventListener("focus", () => (near(true), act.choose(at)));
  shape.addEventListener("blur", () => near(false));
  return shape;
}

/** An arrow with its tip; the click leads to its lines. */
function drawArrow(arrow, most, scope) {
  const { a, b, count, level, against, route } = arrow;
  const kind = level === 3 ? ".bad" : level === 2 ? ".warn" : "";
  const up = against ? ".up" : "";
  const width = 1 + (3.4 * Math.log1p(count)) / Math.log1p(most);
  const words =
    nameOf(a.node) +
    " imports " +
    nameOf(b.node) +
    ": " +
    counted(count, "import") +
    (level > 1 ? ", " + number(arrow.broken) + (level === 3 ? " break a rule" : " warned of") : "");
  const line = svg(
    "g.line" + kind + up,
    {},
    svg("title", {}, words),
    svg("path.wide", { d: pathOf(route) }),
    svg("path.arrow" + kind + up, { d: pathOf(route), "stroke-width": width.toFixed(1) }),
    svg("path.tip" + kind, { d: tipOf(route) }),
  );
  line.addEventListener("click", () => showImports(a.node, b.node, scope));
  return line;
}

/** The count of an arrow, on top of all arrows. */
function drawTag(arrow, scope) {
  const { a, b, count, level, tag } = arrow;
  const kind = level === 3 ? ".bad" : level === 2 ? ".warn" : "";
  const { x, y, width, height } = tag;
  const shape = svg(
    "g.line.tagged",
    {},
    svg("rect.tag" + kind, { x, y, width, height, rx: height / 2 }),
    svg("text.tag-text" + kind, { x: x + width / 2, y: y + height / 2 + 4 }, short(count)),
  );
  shape.addEventListener("click", () => showImports(a.node, b.node, scope));
  return shape;
}

/** What a node imports and what imports it, as buttons that lead to the lines: the graph for those who do not see it. */
function aboutNode(at, scope) {
  const inside = owners([at]);
  const out = new Map();
  const into = new Map();
  const add = (map, module, i) => {
    const top = topOf(module, at);
    const seen = map.get(top) || { count: 0, level: 0 };
    map.set(top, { count: seen.count + 1, level: Math.max(seen.level, graph.level[i]) });
  };
  for (let i = 0; i < graph.from.length; i++) {
    if (scope && graph.scopes[graph.from[i]] !== scope) continue;
    const [a, b] = [inside[graph.from[i]] === 0, inside[graph.to[i]] === 0];
    if (a && !b) add(out, graph.to[i], i);
    if (b && !a) add(into, graph.from[i], i);
  }
  const list = (title, map, pair) => {
    const items = [...map].sort((a, b) => b[1].level - a[1].level || b[1].count - a[1].count);
    const buttons = items
      .slice(0, 30)
      .map(([node, { count, level }]) =>
        el(
          "li",
          {},
          el(
            "button.chip" + (LEVELS[level] ? "." + LEVELS[level] : ""),
            { type: "button", onclick: () => showImports(...pair(node), scope) },
            nameOf(node) + " ",
            el("b", {}, number(count)),
          ),
        ),
      );
    if (items.length > 30) buttons.push(el("li.quiet", {}, "and " + number(items.length - 30) + " more"));
    return el(
      "div",
      {},
      el("h4", {}, title),
      el("ul.chips", {}, buttons.length ? buttons : el("li.quiet", {}, "nothing")),
    );
  };
  const path =
    at.kind === MODULE && at.module >= 0 ? el("p", {}, el("code", {}, graph.paths[at.module])) : null;
  return el(
    "div",
    {},
    el("h3", {}, nameOf(at), " ", el("span.count", {}, counted(modulesOf(at, null), "module"))),
    path,
    el(
      "div.pair",
      {},
      list("Imports", out, (other) => [at, other]),
      list("Is imported by", into, (other) => [other, at]),
    ),
  );
}

/** The package that stands for a module beside `at`: the child of the deepest package that holds both. */
function topOf(module, at) {
  let here = graph.root;
  const other = at.members ? at.members[0] : at;
  for (;;) {
    const next = (here.children || []).find(
      (one) =>
        one.lo <= module && module < one.hi && !(one.own && here.children.length > 1 && one.hi === one.lo),
    );
    if (!next) return here;
    if (next.lo <= other.lo && other.hi <= next.hi && next !== other) here = next;
    else return next;
  }
}
