"use strict";
// Where the nodes and arrows of a graph go: layers from top to bottom (Sugiyama's method). Knows no module and no import.

const GAP = { x: 26, y: 54, dummy: 14 };

/** Through layers higher than this an arrow runs straight. */
const BOX_LIKE = 60;

/** Boxes without arrows fill rows at least this wide. */
const ROW = 700;

/**
 * Lays boxes ({ width, height }, highest first) and arrows ({ from, to }, by index) out. Boxes get `x` and `y` of their
 * upper left corner, arrows `points` through the layers they cross; returns the width and height of it all. Boxes that no
 * arrow joins to the others stand beside or below them.
 */
function layered(boxes, arrows) {
  const parts = components(boxes.length, arrows).map((members) => {
    const index = new Map(members.map((at, place) => [at, place]));
    const own = arrows
      .filter((arrow) => index.has(arrow.from))
      .map((arrow) => ({ from: index.get(arrow.from), to: index.get(arrow.to), arrow }));
    const inside = members.map((at) => boxes[at]);
    return { inside, own, ...layeredPart(inside, own) };
  });
  parts.sort((p, q) => q.inside.length - p.inside.length);
  const limit = Math.max(ROW, ...parts.map((part) => part.width));
  let [x, y, height, width] = [0, 0, 0, 0];
  for (const part of parts) {
    if (x && x + part.width > limit) [x, y, height] = [0, y + height + GAP.y, 0];
    for (const box of part.inside) {
      box.x += x;
      box.y += y;
    }
    for (const { arrow, points } of part.own)
      arrow.points = points.map((point) => ({ ...point, x: point.x + x, y: point.y + y }));
    width = Math.max(width, x + part.width);
    height = Math.max(height, part.height);
    x += part.width + GAP.x;
  }
  return { width, height: y + height };
}

/** Boxes that arrows join, by index, in the order of their first. */
function components(count, arrows) {
  const leader = Array.from({ length: count }, (_, at) => at);
  const find = (at) => {
    while (leader[at] !== at) at = leader[at] = leader[leader[at]];
    return at;
  };
  for (const { from, to } of arrows) {
    const [a, b] = [find(from), find(to)];
    leader[Math.max(a, b)] = Math.min(a, b);
  }
  const found = new Map();
  for (let at = 0; at < count; at++) {
    const first = find(at);
    if (!found.has(first)) found.set(first, []);
    found.get(first).push(at);
  }
  return [...found.values()];
}

/** The same for boxes that arrows join. Arrows that lead up the order pass through the same layers, upwards. */
function layeredPart(boxes, arrows) {
  const depth = new Array(boxes.length).fill(0);
  const down = arrows.filter((arrow) => arrow.from < arrow.to).sort((a, b) => a.from - b.from);
  for (const { from, to } of down) depth[to] = Math.max(depth[to], depth[from] + 1);
  // A box that nothing is above of stands just above what it leads to.
  for (let at = boxes.length - 1; at >= 0; at--) {
    const below = down.filter((arrow) => arrow.from === at).map((arrow) => depth[arrow.to]);
    const above = down.some((arrow) => arrow.to === at);
    if (!above && below.length) depth[at] = Math.min(...below) - 1;
  }
  const layers = [];
  const slots = boxes.map((box, at) => ({
    box,
    width: box.width,
    height: box.height,
    x: 0,
    depth: depth[at],
    near: [],
    at,
  }));
  for (const slot of slots) (layers[slot.depth] ||= []).push(slot);
  for (let at = 0; at < layers.length; at++) layers[at] ||= [];
  for (const arrow of arrows) {
    let [from, to] = [slots[arrow.from], slots[arrow.to]];
    if (from.depth > to.depth) [from, to] = [to, from];
    arrow.through = [];
    let last = from;
    for (let layer = from.depth + 1; layer < to.depth; layer++) {
      const slot = {
        box: null,
        width: GAP.dummy,
        height: 0,
        x: 0,
        depth: layer,
        near: [],
        at: arrow.from + 0.5,
      };
      layers[layer].push(slot);
      link(last, slot);
      arrow.through.push(slot);
      last = slot;
    }
    if (from.depth !== to.depth) link(last, to);
  }
  untangle(layers);
  const width = spaceOut(layers);
  let y = 0;
  for (const layer of layers) {
    const height = Math.max(0, ...layer.map((slot) => slot.height));
    for (const slot of layer) {
      Object.assign(slot, { top: y, bottom: y + height });
      if (slot.box) Object.assign(slot.box, { x: slot.x, y });
    }
    y += height + GAP.y;
  }
  for (const arrow of arrows) arrow.points = way(arrow, slots);
  return { width, height: Math.max(0, y - GAP.y) };
}

/**
 * The points that an arrow passes: straight through each layer, also beside higher boxes of its upper end's own layer
 * (`below` that end, wherever it leaves it).
 */
function way({ from, to, through }, slots) {
  const upper = slots[from].depth < slots[to].depth ? slots[from] : slots[to];
  if (slots[from].depth === slots[to].depth) return [];
  const points = [];
  const middle = (slot) => slot.x + slot.width / 2;
  if (upper.top + upper.height < upper.bottom - 1)
    points.push({ x: middle(upper), y: upper.bottom, below: true });
  for (const slot of through) {
    points.push({ x: middle(slot), y: slot.top });
    if (slot.bottom > slot.top + BOX_LIKE) points.push({ x: middle(slot), y: slot.bottom });
  }
  return upper === slots[from] ? points : points.reverse();
}

function link(above, below) {
  above.near.push(below);
  below.near.push(above);
}

/** Orders each layer by where the neighbours of its slots are, down and up a few times. */
function untangle(layers) {
  for (const layer of layers) layer.sort((a, b) => a.at - b.at);
  const place = new Map();
  const note = (layer) => layer.forEach((slot, at) => place.set(slot, (at + 0.5) / layer.length));
  layers.forEach(note);
  for (let pass = 0; pass < 12; pass++) {
    const order = pass % 2 ? layers.slice().reverse() : layers;
    for (const layer of order) {
      const wish = new Map(
        layer.map((slot) => {
          const near = slot.near.filter((other) =>
            pass % 2 ? other.depth > slot.depth : other.depth < slot.depth,
          );
          const from = near.length ? near : slot.near;
          return [
            slot,
            from.length
              ? from.reduce((sum, other) => sum + place.get(other), 0) / from.length
              : place.get(slot),
          ];
        }),
      );
      layer.sort((a, b) => wish.get(a) - wish.get(b) || a.at - b.at);
      note(layer);
    }
  }
}

/** Moves slots towards their neighbours without letting them touch; returns the width. */
function spaceOut(layers) {
  for (const layer of layers) {
    let x = 0;
    for (const slot of layer) {
      slot.x = x;
      x += slot.width + GAP.x;
    }
  }
  for (let pass = 0; pass < 16; pass++) {
    for (const layer of pass % 2 ? layers.slice().reverse() : layers) {
      const wish = layer.map((slot) => {
        if (!slot.near.length) return slot.x;
        const middle =
          slot.near.reduce((sum, other) => sum + other.x + other.width / 2, 0) / slot.near.length;
        return middle - slot.width / 2;
      });
      settle(layer, wish);
    }
  }
  const slots = layers.flat();
  const left = Math.min(...slots.map((slot) => slot.x));
  for (const slot of slots) slot.x -= left;
  return Math.max(0, ...slots.map((slot) => slot.x + slot.width));
}

/** Places slots as near to their wishes as their order and widths allow: blocks that collide share their mean. */
function settle(layer, wish) {
  const blocks = [];
  layer.forEach((slot, at) => {
    let block = { slots: [slot], size: slot.width, sum: wish[at], x: wish[at] };
    while (blocks.length && blocks[blocks.length - 1].x + blocks[blocks.length - 1].size + GAP.x > block.x) {
      const before = blocks.pop();
      const shift = before.size + GAP.x;
      const slots = before.slots.concat(block.slots);
      const sum = before.sum + block.sum - shift * block.slots.length;
      block = { slots, size: shift + block.size, sum, x: sum / slots.length };
    }
    blocks.push(block);
  });
  for (const block of blocks) {
    let x = block.x;
    for (const slot of block.slots) {
      slot.x = x;
      x += slot.width + GAP.x;
    }
  }
}
