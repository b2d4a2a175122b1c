"use strict";
// Where the nodes and arrows of a graph go: layers from top to bottom (Sugiyama's method). Knows no module and no import.

const GAP = { x: 26, y: 54, dummy: 14 };

/**
 * Lays boxes ({ width, height }, highest first) and arrows ({ from, to }, by index) out. Boxes get `x` and `y` of their
 * upper left corner, arrows `points` through the layers they cross; returns the width and height of it all. Arrows that
 * lead up the order bend round to the same layers, upwards.
 */
function layered(boxes, arrows) {
  const depth = new Array(boxes.length).fill(0);
  const down = arrows.filter((arrow) => arrow.from < arrow.to).sort((a, b) => a.from - b.from);
  for (const { from, to } of down) depth[to] = Math.max(depth[to], depth[from] + 1);
  // A box that nothing is above of stands just above what it leads to.
  for (let at = boxes.length - 1; at >= 0; at--) {
    const below = down.filter((arrow) => arrow.from === at).map((arrow) => depth[arrow.to]);
    const above = down.some((arrow) => arrow.to === at);
    if (!above && below.length) depth[at] = Math.min(...below) - 1;
  }
  spread(boxes, depth, down);
  const layers = [];
  const slots = boxes.map((box, at) => ({ box, width: box.width, height: box.height, x: 0, depth: depth[at], near: [], at }));
  for (const slot of slots) (layers[slot.depth] ||= []).push(slot);
  for (let at = 0; at < layers.length; at++) layers[at] ||= [];
  for (const arrow of arrows) {
    let [from, to] = [slots[arrow.from], slots[arrow.to]];
    if (from.depth > to.depth) [from, to] = [to, from];
    arrow.through = [];
    let last = from;
    for (let layer = from.depth + 1; layer < to.depth; layer++) {
      const slot = { box: null, width: GAP.dummy, height: 0, x: 0, depth: layer, near: [], at: arrow.from + 0.5 };
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
      slot.y = y + (height - slot.height) / 2;
      slot.middle = y + height / 2;
      if (slot.box) Object.assign(slot.box, { x: slot.x, y: slot.y });
    }
    y += height + GAP.y;
  }
  for (const arrow of arrows) {
    arrow.points = arrow.through.map((slot) => ({ x: slot.x + slot.width / 2, y: slot.middle }));
    if (slots[arrow.from].depth > slots[arrow.to].depth) arrow.points.reverse();
    delete arrow.through;
  }
  return { width, height: Math.max(0, y - GAP.y) };
}

function link(above, below) {
  above.near.push(below);
  below.near.push(above);
}

/** Boxes without arrows are put into rows below the others, not all into the first layer. */
function spread(boxes, depth, arrows) {
  const linked = new Set(arrows.flatMap((arrow) => [arrow.from, arrow.to]));
  const alone = boxes.map((_, at) => at).filter((at) => !linked.has(at));
  let layer = linked.size ? Math.max(...[...linked].map((at) => depth[at])) + 1 : 0;
  alone.forEach((at, place) => {
    depth[at] = layer;
    if (place % 6 === 5) layer++;
  });
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
          const near = slot.near.filter((other) => (pass % 2 ? other.depth > slot.depth : other.depth < slot.depth));
          const from = near.length ? near : slot.near;
          return [slot, from.length ? from.reduce((sum, other) => sum + place.get(other), 0) / from.length : place.get(slot)];
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
        const middle = slot.near.reduce((sum, other) => sum + other.x + other.width / 2, 0) / slot.near.length;
        return middle - slot.width / 2;
      });
      settle(layer, wish);
    }
  }
  const slots = layers.flat();
  const left = Math.min(0, ...slots.map((slot) => slot.x));
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
