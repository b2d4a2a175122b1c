"use strict";
// Puts the page together, and keeps what belongs to no part: the theme, the keyboard, printing.

function start() {
  document.title = report.title + " · imports";
  document.getElementById("project").textContent = report.title;
  const { overall } = report;
  if (overall) {
    if (overall.closing) drawClosing(overall.closing, overall.overview);
    drawSummary(overall);
    drawTables(overall);
    drawFindings();
  }
  if (graph && graph.names.length) {
    drawMatrix();
    drawGraph();
  }
  const commit = overall && overall.overview.head.commit;
  const made = [
    commit ? "commit " + commit.slice(0, 12) : null,
    report.tool + " " + report.version,
    report.registry
      ? report.registry + " " + report.registry_hash.slice(0, 12)
      : "no registry: built-in checks",
    "as of " + report.as_of,
  ];
  if (report.baseline) made.push("baseline " + report.baseline);
  document.getElementById("foot").textContent = made.filter(Boolean).map(visible).join(" · ");
}

const THEME = "importlaw-theme";

function theme() {
  const button = document.getElementById("theme");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let chosen = null;
  try {
    chosen = localStorage.getItem(THEME);
  } catch {
    // A file that may store nothing follows the system.
  }
  const apply = () => {
    const now = chosen || (dark.matches ? "dark" : "light");
    document.documentElement.dataset.theme = now;
    button.textContent = now === "dark" ? "Light" : "Dark";
    button.setAttribute("aria-label", "Switch to the " + (now === "dark" ? "light" : "dark") + " theme");
    button.setAttribute("aria-pressed", String(now === "dark"));
  };
  button.addEventListener("click", () => {
    chosen = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    try {
      localStorage.setItem(THEME, chosen);
    } catch {
      // It holds until the page is closed.
    }
    apply();
  });
  dark.addEventListener("change", apply);
  apply();
}

/** `/` leads to the filter that is on the screen, or to the next one. */
function keyboard() {
  addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, textarea");
    if (event.key === "Escape" && typing) {
      typing.blur();
      return;
    }
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const filters = [...document.querySelectorAll("input.filter")];
    const own = event.target.closest(".part");
    const bar = document.querySelector(".bar").getBoundingClientRect().bottom;
    const next =
      (own && own.querySelector("input.filter")) ||
      filters.find((one) => one.getBoundingClientRect().top >= bar) ||
      filters[0];
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.select();
  });
}

/** On paper what is closed stays closed, but the theme is light. */
function printing() {
  let before = null;
  addEventListener("beforeprint", () => {
    before = document.documentElement.dataset.theme;
    document.documentElement.dataset.theme = "light";
  });
  addEventListener("afterprint", () => {
    document.documentElement.dataset.theme = before;
  });
}

theme();
keyboard();
printing();
start();
document.documentElement.dataset.ready = "yes";
