"use strict";
// How arrows run between boxes that have their places, and where their counts stand. Knows no module and no import.

const PORT = { gap: 22, margin: 0.12 };
const BOW = 46;
const TAG = { height: 16, letter: 6.7, pad: 9 };

/**
 * Gives each arrow (`a`, `b`: boxes; `points`: what it must pass, in the coordinates of the box `inside`) its `route`
 * and the place of its `tag`. Arrows that meet at one side of a box stand side by side there, in the order of where they
 * come from.
 */
function route(arrows, boxes) {
  const ports = new Map();
  const port = (box, side, arrow, end) => {
    const key = boxes.indexOf(box) + side;
    if (!ports.has(key)) ports.set(key, { box, side, ends: [] });
    ports.get(key).ends.push({ arrow, end });
  };
  for (const arrow of arrows) {
    const { a, b } = arrow;
    const way = a.y + a.height <= b.y ? "down" : b.y + b.height <= a.y ? "up" : "over";
    const [leaves, enters] = { down: ["bottom", "top"], up: ["top", "bottom"], over: ["top", "top"] }[way];
    const level = way === "over";
    const middle = level
      ? []
      : arrow.points.map((point) => ({ ...point, x: point.x + arrow.inside.x, y: point.y + arrow.inside.y }));
    arrow.route = { level, stops: [center(a), ...middle, center(b)] };
    port(a, leaves, arrow, 0);
    port(b, enters, arrow, arrow.route.stops.length - 1);
  }
  for (const { box, side, ends } of ports.values()) {
    const towards = ({ arrow, end }) => {
      const { stops } = arrow.route;
      const step = end ? -1 : 1;
      const next = stops[end + step];
      return (next.below ? stops[end + 2 * step] : next).x;
    };
    ends.sort((p, q) => towards(p) - towards(q));
    const gap = Math.min(PORT.gap, (box.width * (1 - 2 * PORT.margin)) / Math.max(1, ends.length - 1));
    ends.forEach(({ arrow, end }, at) => {
      const x = box.x + box.width / 2 + (at - (ends.length - 1) / 2) * gap;
      const { stops } = arrow.route;
      stops[end] = { x, y: side === "top" ? box.y : box.y + box.height };
      const next = stops[end ? end - 1 : 1];
      if (next.below && side === "bottom") next.x = x;
    });
  }
  placeTags(arrows, boxes);
}

function center(box) {
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** The control points of one stretch: it leaves and arrives straight; between boxes side by side it is a bow above them. */
function controls({ level }, p, q) {
  if (level) {
    const y = Math.min(p.y, q.y) - BOW;
    return [
      { x: p.x, y },
      { x: q.x, y },
    ];
  }
  const half = (q.y - p.y) / 2;
  return [
    { x: p.x, y: p.y + half },
    { x: q.x, y: q.y - half },
  ];
}

function pathOf(route) {
  const shown = (point) => point.x.toFixed(1) + " " + point.y.toFixed(1);
  const { stops } = route;
  let path = "M" + shown(stops[0]);
  for (let at = 1; at < stops.length; at++) {
    const [c, d] = controls(route, stops[at - 1], stops[at]);
    path += "C" + shown(c) + " " + shown(d) + " " + shown(stops[at]);
  }
  return path;
}

function tipOf({ level, stops }) {
  const end = stops[stops.length - 1];
  const back = level || end.y > stops[stops.length - 2].y ? -9 : 9;
  return `M${end.x.toFixed(1)} ${end.y.toFixed(1)}l-4.5 ${back}h9Z`;
}

/** A point of a stretch, by how far along it is. */
function along(route, stretch, t) {
  const [p, q] = [route.stops[stretch], route.stops[stretch + 1]];
  const [c, d] = controls(route, p, q);
  const s = 1 - t;
  const mix = (k) => s * s * s * p[k] + 3 * s * s * t * c[k] + 3 * s * t * t * d[k] + t * t * t * q[k];
  return { x: mix("x"), y: mix("y") };
}

/** Counts where none covers another or a box, as far as there is room; those that break rules and the large ones first. */
function placeTags(arrows, boxes) {
  const taken = boxes.map(({ x, y, width, height }) => ({ x, y, width, height }));
  const free = (tag) =>
    !taken.some(
      (other) =>
        tag.x < other.x + other.width + 2 &&
        other.x < tag.x + tag.width + 2 &&
        tag.y < other.y + other.height &&
        other.y < tag.y + tag.height,
    );
  for (const arrow of arrows.slice().sort((a, b) => b.level - a.level || b.count - a.count)) {
    const width = short(arrow.count).length * TAG.letter + TAG.pad;
    const at = (stretch, t) => {
      const point = along(arrow.route, stretch, t);
      return { x: point.x - width / 2, y: point.y - TAG.height / 2, width, height: TAG.height };
    };
    const places = [];
    for (const t of [0.5, 0.35, 0.65, 0.22, 0.78, 0.12])
      for (let one = 0; one < arrow.route.stops.length - 1; one++) places.push(at(one, t));
    arrow.tag = places.find(free) || places[0];
    taken.push(arrow.tag);
  }
}
