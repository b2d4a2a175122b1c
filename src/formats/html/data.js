"use strict";
// The document of the page, taken apart: strings by number, findings by column, modules as a tree of packages.

const report = JSON.parse(document.getElementById("data").textContent);

/** The string of a number. */
function text(number) {
  return report.strings[number];
}

const PRODUCTION = "production";
const MODULE = 0;
const GROUP = 1;

/**
 * The module graph, or null.
 *
 * Nodes are packages and modules; modules are numbered so that those below a node lie side by side (`lo` to `hi`).
 * Imports are parallel arrays in the order of their importers: `from` and `to` are such numbers.
 */
const graph = report.graph ? readGraph(report.graph) : null;

function readGraph({ modules, imports, orders }) {
  const count = modules.name.length;
  const names = [];
  let before = "";
  for (const [shared, rest] of modules.name) {
    before = before.slice(0, shared) + rest;
    names.push(before);
  }
  const root = node(null, "", "");
  for (let at = 0; at < count; at++)
    plant(root, at, names[at], text(modules.language[at]), text(modules.package[at]));
  const order = [];
  numberModules(root, order);
  const rank = new Int32Array(count);
  order.forEach((module, at) => (rank[module] = at));

  const total = imports.to.length;
  const raw = { from: new Int32Array(total), to: new Int32Array(total) };
  let at = 0;
  for (let module = 0; module < count; module++) {
    let to = 0;
    for (let n = 0; n < modules.imports[module]; n++, at++) {
      to += imports.to[at];
      raw.from[at] = rank[module];
      raw.to[at] = rank[to];
    }
  }
  const elsewhere = new Map(imports.elsewhere);
  const findings = new Map();
  for (const [on, finding] of imports.findings) {
    if (!findings.has(on)) findings.set(on, []);
    findings.get(on).push(finding);
  }
  // In the order of the tree, so that the imports of a package lie side by side too.
  const sorted = Array.from({ length: total }, (_, i) => i);
  sorted.sort((a, b) => raw.from[a] - raw.from[b] || a - b);
  const pathOf = (module) => {
    const path = modules.path[module];
    if (path > 1) return text(path - 2);
    return names[module].replaceAll(".", "/") + (path ? "/__init__.py" : ".py");
  };
  const self = {
    root,
    names: order.map((module) => names[module]),
    paths: order.map(pathOf),
    scopes: order.map((module) => text(modules.scope[module])),
    from: Int32Array.from(sorted, (i) => raw.from[i]),
    to: Int32Array.from(sorted, (i) => raw.to[i]),
    line: Int32Array.from(sorted, (i) => imports.line[i]),
    name: Int32Array.from(sorted, (i) => imports.name[i]),
    kinds: Int32Array.from(sorted, (i) => imports.kinds[i]),
    elsewhere: new Map(),
    findings: new Map(),
    importOf: new Map(),
    level: new Uint8Array(total),
    orders,
  };
  sorted.forEach((was, now) => {
    if (elsewhere.has(was)) self.elsewhere.set(now, text(elsewhere.get(was)));
    if (findings.has(was)) {
      self.findings.set(now, findings.get(was));
      for (const finding of findings.get(was)) self.importOf.set(finding, now);
      self.level[now] = Math.max(...findings.get(was).map(weight));
    }
  });
  self.first = new Int32Array(count + 1);
  for (let i = 0; i < total; i++) self.first[self.from[i] + 1]++;
  for (let i = 0; i < count; i++) self.first[i + 1] += self.first[i];
  return self;
}

/** What a finding does to its import: 3 an error, 2 a warning, 1 excused. */
function weight(finding) {
  if (report.findings.status[finding] === 2) return 1;
  return report.findings.severity[finding] === 0 ? 3 : 2;
}

function node(parent, label, name) {
  return {
    parent,
    label,
    name,
    language: "",
    children: null,
    byKey: null,
    module: -1,
    lo: 0,
    hi: 0,
    kind: GROUP,
  };
}

function child(parent, key, label, name) {
  if (!parent.byKey) {
    parent.byKey = new Map();
    parent.children = [];
  }
  let found = parent.byKey.get(key);
  if (!found) {
    found = node(parent, label, name);
    parent.byKey.set(key, found);
    parent.children.push(found);
  }
  return found;
}

/** Puts a module below its packages. A crate that is not named like its Cargo package lies below that. */
function plant(root, module, name, language, owner) {
  const separator = language === "rust" ? "::" : language === "typescript" ? "/" : ".";
  const parts = name.split(separator);
  let at = root;
  let whole = "";
  if (parts[0] !== owner && language === "rust") at = child(at, language + ":" + owner, owner, owner);
  parts.forEach((part, depth) => {
    whole = depth ? whole + separator + part : part;
    at = child(at, depth || at !== root ? part : language + ":" + part, part, whole);
    at.language = language;
  });
  // Two files of one name: each is a module of its own.
  if (at.module >= 0) at = child(at, "\0" + module, at.label + " (again)", name);
  at.module = module;
}

/** Numbers the modules in the order of the tree: a package's own module before what lies below it. */
function numberModules(at, order) {
  at.lo = order.length;
  if (at.module >= 0) order.push(at.module);
  if (at.children) {
    if (at.module >= 0) {
      const own = node(at, at.language === "rust" ? "(itself)" : "__init__", at.name);
      own.lo = at.lo;
      own.hi = at.lo + 1;
      own.kind = MODULE;
      own.own = true;
      own.module = at.lo;
      at.children.unshift(own);
    }
    for (const below of at.children) if (!below.own) numberModules(below, order);
  } else {
    at.kind = MODULE;
  }
  if (at.module >= 0) at.module = at.lo;
  at.hi = order.length;
}

/** How many modules of a scope lie below a node; null counts all. */
function modulesOf(at, scope) {
  if (at.members) return at.members.reduce((sum, member) => sum + modulesOf(member, scope), 0);
  if (!scope) return at.hi - at.lo;
  let count = 0;
  for (let module = at.lo; module < at.hi; module++) if (graph.scopes[module] === scope) count++;
  return count;
}

/** By scope: 1 for each module that something of the scope imports. */
const importedIn = new Map();

/** Whether a node holds modules of a scope, or is imported by such; null and none count all. */
function counts(at, scope) {
  if (modulesOf(at, scope)) return true;
  if (!importedIn.has(scope)) {
    const hit = new Uint8Array(graph.names.length);
    for (let i = 0; i < graph.from.length; i++)
      if (!scope || graph.scopes[graph.from[i]] === scope) hit[graph.to[i]] = 1;
    importedIn.set(scope, hit);
  }
  const hit = importedIn.get(scope);
  let found = false;
  eachRun(at, (lo, hi) => {
    for (let module = lo; module < hi && !found; module++) found = hit[module] === 1;
  });
  return found;
}
/** The children of a node, or what a group of several stands for; a node with one child only is passed through. */
function childrenOf(at) {
  if (at.members) return at.members;
  while (at.children && at.children.length === 1) at = at.children[0];
  return at.children || [at];
}

/** Whether there is anything to open below a node. */
function opens(at) {
  return Boolean(at.members || at.children);
}

/** The node of a module. */
function nodeOf(module) {
  let at = graph.root;
  for (;;) {
    const next = (at.children || []).find((one) => one.lo <= module && module < one.hi);
    if (!next || next.own) return next || at;
    at = next;
  }
}

/** A node that stands for several. */
function group(parent, members, label) {
  const made = node(parent, label, "");
  made.members = members;
  made.language = members[0].language;
  return made;
}

/** Calls `visit` with the first and last module of each run below a node. */
function eachRun(at, visit) {
  if (at.members) for (const member of at.members) eachRun(member, visit);
  else visit(at.lo, at.hi);
}

/** Which of `nodes` each module belongs to, by index; -1 for the others. */
function owners(nodes) {
  const owner = new Int32Array(graph.names.length).fill(-1);
  nodes.forEach((one, at) => eachRun(one, (lo, hi) => owner.fill(at, lo, hi)));
  return owner;
}

/**
 * Imports between rows and columns, both nodes: counts[row * columns + column] and, in the same order, how many of them
 * break a rule (an error, or a warning where there is none), and the worst level of each cell.
 */
function tally(rows, columns, scope) {
  const size = rows.length * columns.length;
  const cells = { counts: new Int32Array(size), broken: new Int32Array(size), level: new Uint8Array(size) };
  const rowOf = owners(rows);
  const columnOf = rows === columns ? rowOf : owners(columns);
  const { from, to, level, scopes, first } = graph;
  for (const one of rows) {
    eachRun(one, (lo, hi) => {
      for (let i = first[lo]; i < first[hi]; i++) {
        const column = columnOf[to[i]];
        if (column < 0 || (scope && scopes[from[i]] !== scope)) continue;
        const cell = rowOf[from[i]] * columns.length + column;
        cells.counts[cell]++;
        if (level[i] > cells.level[cell]) {
          cells.level[cell] = level[i];
          cells.broken[cell] = 0;
        }
        if (level[i] && level[i] === cells.level[cell]) cells.broken[cell]++;
      }
    });
  }
  return cells;
}

/**
 * Nodes in the order of layers, highest first: as the registry has it where it orders this container, the others so
 * that as few imports as possible lead upwards.
 */
function inOrder(nodes, container, scope) {
  const size = nodes.length;
  const cells = tally(nodes, nodes, scope);
  const free = greedyOrder(size, (a, b) => cells.counts[a * size + b]);
  const position = new Array(size);
  free.forEach((at, place) => (position[at] = place));
  const layer = layersOf(nodes, container);
  if (layer.some((step) => step >= 0)) {
    // What has no layer goes where most of its neighbours in the free order are.
    let last = -1;
    for (const at of free) {
      if (layer[at] < 0) layer[at] = last;
      else last = layer[at];
    }
  }
  return free
    .slice()
    .sort((a, b) => layer[a] - layer[b] || position[a] - position[b])
    .map((at) => nodes[at]);
}

/** The layer that the registry gives to each node; -1 for none. */
function layersOf(nodes, container) {
  const layer = new Array(nodes.length).fill(-1);
  const name = container && container.name;
  for (const order of graph.orders) {
    if (order.container !== (name || "")) continue;
    order.layers.forEach((names, step) => {
      nodes.forEach((one, at) => {
        if (layer[at] < 0 && names.includes(one.name) && !one.own) layer[at] = step;
      });
    });
  }
  return layer;
}

/** Eades, Lin and Smyth's order: sources first, sinks last, of the rest what leaves most and receives least. */
function greedyOrder(size, count) {
  const left = new Set(Array.from({ length: size }, (_, at) => at));
  const head = [];
  const tail = [];
  const out = new Array(size).fill(0);
  const into = new Array(size).fill(0);
  for (let a = 0; a < size; a++) {
    for (let b = 0; b < size; b++) {
      if (a !== b) {
        out[a] += count(a, b);
        into[b] += count(a, b);
      }
    }
  }
  const take = (at) => {
    left.delete(at);
    for (const other of left) {
      out[other] -= count(other, at);
      into[other] -= count(at, other);
    }
  };
  while (left.size) {
    const sink = [...left].find((at) => out[at] === 0 && into[at] > 0);
    const source = [...left].find((at) => into[at] === 0 && out[at] > 0);
    if (source !== undefined) {
      head.push(source);
      take(source);
    } else if (sink !== undefined) {
      tail.unshift(sink);
      take(sink);
    } else {
      let best = -1;
      for (const at of left) if (best < 0 || out[at] - into[at] > out[best] - into[best]) best = at;
      head.push(best);
      take(best);
    }
  }
  return head.concat(tail);
}

/** Of very many nodes the ones that matter (packages, broken rules, imports), and one that stands for the others. */
function atMost(nodes, limit, container, scope) {
  if (nodes.length <= limit) return nodes;
  const owner = owners(nodes);
  const broken = new Float64Array(nodes.length);
  const imports = new Float64Array(nodes.length);
  const { from, to, level, scopes } = graph;
  for (let i = 0; i < from.length; i++) {
    if (scope && scopes[from[i]] !== scope) continue;
    const [a, b] = [owner[from[i]], owner[to[i]]];
    if (a === b) continue;
    for (const at of [a, b]) {
      if (at < 0) continue;
      imports[at]++;
      if (level[i] > 1) broken[at]++;
    }
  }
  const ranked = nodes.map((_, at) => at);
  ranked.sort(
    (a, b) => opens(nodes[b]) - opens(nodes[a]) || broken[b] - broken[a] || imports[b] - imports[a] || a - b,
  );
  const kept = new Set(ranked.slice(0, limit - 1));
  const others = nodes.filter((_, at) => !kept.has(at));
  const made = group(container, others, counted(others.length, "other"));
  return nodes.filter((_, at) => kept.has(at)).concat(made);
}

/** Scopes of the modules, production first. */
function scopesOfGraph() {
  const all = [...new Set(graph.scopes)].sort();
  return all.filter((scope) => scope === PRODUCTION).concat(all.filter((scope) => scope !== PRODUCTION));
}
