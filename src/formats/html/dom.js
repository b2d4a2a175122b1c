"use strict";
// Elements and numbers. Text becomes text only: nothing here, or anywhere in this page, sets HTML.

/** An element with classes (`div.a.b`), attributes, and children (strings become text; null is left out). */
function el(name, attributes, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  return fill(element, attributes, children);
}

const SVG = "http://www.w3.org/2000/svg";

/** The same for SVG. */
function svg(name, attributes, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElementNS(SVG, tag);
  if (classes.length) element.setAttribute("class", classes.join(" "));
  return fill(element, attributes, children);
}

function fill(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  for (const child of children.flat()) {
    if (child !== null && child !== undefined) element.append(child);
  }
  return element;
}

/** 12345 as 12,345. */
function number(value) {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** 12345 as 12k, for the cells of a matrix and the arrows of a graph. */
function short(value) {
  if (value < 1000) return String(value);
  if (value < 9950) return (Math.floor(value / 100) / 10).toFixed(1) + "k";
  return number(Math.floor(value / 1000)) + "k";
}

function counted(value, noun, plural) {
  return number(value) + " " + (value === 1 ? noun : plural || noun + "s");
}

/** 82.3 %, or n/a where nothing is governed. */
function percent(value) {
  return value === null || value === undefined ? "n/a" : value.toFixed(1) + " %";
}

/** What acts on the reader's eye instead of being seen, written out. */
function visible(text) {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g,
    (c) => "\\u{" + c.charCodeAt(0).toString(16) + "}",
  );
}

/** Words of a message as nodes: what stands between backticks is code. */
function rich(words) {
  return words
    .split(/(`[^`]+`)/)
    .filter(Boolean)
    .map((part) =>
      part.length > 2 && part.startsWith("`") && part.endsWith("`")
        ? el("code", {}, part.slice(1, -1))
        : part,
    );
}

/** Says something to who cannot see that it has changed. */
function say(text) {
  document.getElementById("said").textContent = text;
}

/** Calls `action` once the caller has been quiet for a moment. */
function debounced(action) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(action, 90);
  };
}

/** A part of the page, with its entry in the navigation. */
function section(id, title, note) {
  const heading = el("h2", { id: id + "-title" }, title);
  const part = el("section.part", { id, "aria-labelledby": heading.id, tabindex: "-1" }, heading);
  if (note) part.append(el("p.note", {}, note));
  document.getElementById("main").append(part);
  document.getElementById("nav").append(el("a", { href: "#" + id }, title));
  return part;
}

/** A labelled list of choices; `choices` are pairs of value and text. */
function select(label, choices, chosen, onchange) {
  const list = el("select", { onchange: () => onchange(list.value) });
  for (const [value, text] of choices) list.append(el("option", { value }, text));
  list.value = chosen;
  return el("label.field", {}, el("span", {}, label), list);
}

/** The choice of the scope whose imports are shown; it is kept in `state.scope`. */
function importersOf(scopes, state, draw) {
  return select(
    "Importers",
    [["", "of every scope"], ...scopes.map((scope) => [scope, scope])],
    state.scope,
    (scope) => ((state.scope = scope), draw()),
  );
}

/** A labelled filter; `/` leads to the nearest one on the screen. */
function filter(label, placeholder, oninput) {
  const input = el("input.filter", { type: "search", placeholder, spellcheck: "false", autocomplete: "off" });
  input.addEventListener(
    "input",
    debounced(() => oninput(input.value)),
  );
  return el("label.field.grow", {}, el("span", {}, label), input);
}

/** Whether a text holds all words of a filter, in whatever case. */
function matcher(filter) {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return (text) => {
    const lower = text.toLowerCase();
    return words.every((word) => lower.includes(word));
  };
}
