#!/usr/bin/env python3
"""Opens the HTML report in a headless Chromium and uses it: sorts, filters, drills down, prints, and reads it by keyboard.

    cargo build && tests/browser/report.py target/debug/importlaw [--shots DIR] [--time PAGE.html …]

Needs python3 and Chromium (Debian: `apt install chromium`), nothing else. `--shots` writes pictures of every part in both
themes; `--time` tells of pages made elsewhere how long they take until they can be used. Exits with 1 where something is
not as it should be.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

from chromium import Browser, Failed

EVIL = "<script>window.hacked=1<"
EVIL_NAME = "x<img src=q onerror=window.hacked=1>.py"

REGISTRY = """
version = 1
[project]
name = "shop <b>&amp; sons</b>"
[[scope]]
name = "test"
files = ["default"]
[[layers]]
id = "down"
order = ["web", "orders | stock", "store", "core"]
reason = "</script><script>window.hacked = 1</script>"
[[canonical]]
id = "Settings"
symbols = ["Settings"]
path = "core.settings"
[[forbidden]]
id = "no-web"
from = ["store", "core"]
to = ["web"]
indirect = true
reason = "the store is sold alone"
[[forbidden]]
id = "holds"
from = ["core"]
to = ["stock"]
[checks]
wildcard-import = "warn"
relative-import = "warn"
duplicate-definition = "warn"
"""

FILES = {
    "web/__init__.py": "",
    "web/pages/__init__.py": "",
    "web/pages/cart.py": "from orders.book import place\nfrom core.settings import Settings\n",
    "web/pages/home.py": "from stock import shelf\nfrom orders import *\n",
    "web/api.py": "from orders.book import place\nfrom store.tables import Settings\nimport nothing_here.at_all\nimport core.gone\n",
    "orders/__init__.py": "",
    "orders/book.py": "from store.tables import Table\nfrom stock.shelf import count\ndef place(): ...\n",
    "stock/__init__.py": "",
    "stock/shelf.py": "from store.tables import Table\nfrom store.tables import Settings\ndef count(): ...\n",
    "store/__init__.py": "",
    "store/tables.py": "from core.settings import Settings\nfrom web.api import place\nclass Table: ...\n",
    "core/__init__.py": "",
    "core/settings.py": "class Settings: ...\n",
    "core/broken.py": "from core import (\n",
    "tests/test_cart.py": "from web.pages.cart import place\nfrom store.tables import Settings\n",
    EVIL_NAME: f"from core.gone import a\n# {EVIL}\n",
    "tools.py": "import core.settings\nimport importlib\nimportlib.import_module(input())\n",
    "more.py": "import core.settings\n",
}


class Test:
    """One page in one browser, and what was found wrong with it."""

    def __init__(self, browser):
        self.browser, self.wrong, self.checked = browser, [], 0

    def that(self, holds, what):
        self.checked += 1
        if not holds:
            self.wrong.append(what)
            print(f"  WRONG: {what}", file=sys.stderr)

    def js(self, expression):
        return self.browser.js(expression)


def make(binary, root, *args):
    """The page of a project."""
    page = pathlib.Path(root) / "report.html"
    result = subprocess.run([binary, "-C", root, *args, "--format", "html"], capture_output=True, check=False)
    if result.returncode not in (0, 1):
        raise Failed(f"{args}: {result.stderr.decode()}")
    page.write_bytes(result.stdout)
    return page


def small_project(root):
    for path, text in {**FILES, "importlaw.toml": REGISTRY}.items():
        file = pathlib.Path(root) / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def large_project(root, packages=100, modules=100, imports=6):
    """10,000 modules and 60,000 imports, a few of them against the layers."""
    root = pathlib.Path(root)
    names = [f"area{at:03}" for at in range(packages)]
    for at, name in enumerate(names):
        (root / name).mkdir()
        (root / name / "__init__.py").write_text("")
        for module in range(modules - 1):
            lines = []
            for n in range(imports):
                other = names[min(packages - 1, (at + 1 + (module * 7 + n * 13) % (packages - at)))]
                if (module + n) % 300 == 0:
                    other = names[at // 2]
                lines.append(f"from {other}.m{(module * 3 + n) % (modules - 1):03} import thing{n}\n")
            defined = "".join(f"def thing{n}(): ...\n" for n in range(imports))
            (root / name / f"m{module:03}.py").write_text("".join(lines) + defined)
    order = ", ".join(f'"{name}"' for name in names)
    (root / "importlaw.toml").write_text(f'version = 1\n[[layers]]\nid = "down"\norder = [{order}]\n')


def loads_alone(test):
    b = test.browser
    test.that(not b.errors, f"console: {b.errors}")
    foreign = [url for url in b.requests if not url.startswith(("file:", "about:"))]
    test.that(not foreign, f"requests: {foreign}")
    policy = test.js("document.querySelector('meta[http-equiv=Content-Security-Policy]').content")
    test.that("default-src 'none'" in policy, "the policy forbids the network")


def text_stays_text(test):
    test.that(test.js("window.hacked === undefined"), "no text of the tree ran")
    test.that(test.js("document.querySelectorAll('main img, main script, main b b').length") == 0, "no text became markup")
    shown = test.js("document.getElementById('project').textContent")
    test.that(shown == "shop <b>&amp; sons</b>", f"the name is text: {shown}")
    test.js("showFindings({ words: 'onerror' }, true)")
    places = test.js("document.querySelector('#findings .blocks').textContent")
    test.that(EVIL_NAME in places, "the evil file name is listed as it is")
    test.js("showFindings({ rule: 'down' }, true)")
    test.that("</script><script>window.hacked = 1</script>" in test.js("document.querySelector('#findings .blocks').textContent"), "the evil reason is text")
    test.js("showFindings({}, true)")


def tables_sort_and_filter(test):
    ids = test.js("[...document.querySelectorAll('.table-block')].map((one) => one.id)")
    test.that({"by-rule", "by-package", "by-scope"} <= set(ids), f"tables: {ids}")
    for table in ids:
        at = f"document.querySelector('#{table}')"
        heads = test.js(f"{at}.querySelectorAll('.sort').length")
        for column in range(heads):
            for _ in range(2):
                test.js(f"{at}.querySelectorAll('.sort')[{column}].click()")
                order = test.js(f"{at}.querySelectorAll('thead th')[{column}].getAttribute('aria-sort')")
                test.that(order in ("ascending", "descending"), f"{table} column {column} says how it is sorted")
                cells = test.js(f"[...{at}.querySelectorAll('tbody tr')].map((row) => row.cells[{column}].textContent)")
                wrong = test.js(f"""(() => {{ const cells = {json.dumps(cells)}; const down = {json.dumps(order == "descending")};
                  const number = {at}.querySelectorAll('thead th')[{column}].classList.contains('n');
                  const value = (cell) => cell === 'n/a' || cell === '' ? -1 : parseFloat(cell.replace(/[,%]/g, ''));
                  const order = (a, b) => (number ? value(a) - value(b) : a.localeCompare(b)) * (down ? -1 : 1);
                  return cells.findIndex((cell, at) => at && order(cells[at - 1], cell) > 0); }})()""")
                test.that(wrong < 0, f"{table} column {column} {order}: {cells}")
        if test.js(f"Boolean({at}.querySelector('input.filter'))"):
            name = test.js(f"{at}.querySelector('tbody th').textContent")
            rows = test.js(f"{at}.querySelectorAll('tbody tr').length")
            test.js(f"{at}.querySelector('input.filter').focus()")
            test.browser.type(name)
            test.browser.wait(f"{at}.querySelectorAll('tbody tr').length < {rows}", f"{table} filters")
            left = test.js(f"[...{at}.querySelectorAll('tbody th')].map((cell) => cell.textContent)")
            test.that(left and all(name.lower() in one.lower() for one in left), f"{table} filtered by {name}: {left}")
            test.browser.type("no such thing")
            test.browser.wait(f"{at}.querySelector('.empty')", f"{table} says that nothing matches")
            test.js(f"(() => {{ const i = {at}.querySelector('input.filter'); i.value = ''; i.dispatchEvent(new Event('input')); }})()")
            test.browser.wait(f"{at}.querySelectorAll('tbody tr').length === {rows}", f"{table} shows all again")
    rule = test.js("document.querySelector('#by-rule tbody .link').textContent")
    test.js("document.querySelector('#by-rule tbody .link').click()")
    test.that(test.js("document.activeElement.id") == "findings", "a rule leads to its findings")
    chosen = test.js("document.querySelector('#findings select').value")
    test.that(chosen == rule, f"filtered by the rule: {chosen}")
    test.js("showFindings({}, true)")


def findings_filter_and_open(test):
    b = test.browser
    blocks = "document.querySelectorAll('#findings .block')"
    total = test.js("report.findings.rule.length")
    test.that(total > 8 and test.js(f"{blocks}.length") > 4, f"{total} findings are listed")
    test.js("document.activeElement.blur(), document.getElementById('findings').focus()")
    b.key("/")
    test.that(test.js("document.activeElement.closest('.part')?.id") == "findings", "/ leads to the filter of the part")
    test.that(test.js("document.activeElement.value") == "", "and writes nothing into it")
    b.type("store tables")
    b.wait(f"{blocks}.length && [...{blocks}].every((one) => one.textContent.length) && document.querySelector('#findings .count').textContent.includes(' of ')", "findings are filtered")
    b.key("Escape")
    test.that(test.js("document.activeElement === document.body"), "Escape leaves the filter")
    test.js("showFindings({ rule: 'Settings' }, true)")
    test.that(test.js(f"[...{blocks}].every((one) => one.querySelector('.rule').textContent === 'Settings')"), "the rule alone is listed")
    last = f"{blocks}[{blocks}.length - 1]"
    test.js(f"{last}.open = true")
    b.wait(f"{last}.querySelector('.block-body')", "a block opens")
    marked = test.js("document.querySelector('#findings .source mark').textContent")
    test.that(marked == "Settings", f"the import is marked: {marked}")
    test.js("showFindings({ rule: 'no-web' }, true), document.querySelector('#findings .notes .link').click()")
    place = test.js("document.querySelector('#matrix .crumbs [aria-current]').textContent")
    test.that(place == "store.tables → web.api", f"a finding leads to its place in the matrix: {place}")
    test.that(test.js("document.querySelectorAll('#matrix .import-lines li.bad').length") == 1, "where its line is")
    test.js("document.querySelector('#matrix .crumbs button').click()")
    test.js("showFindings({ words: 'there is no such finding' }, true)")
    test.that(test.js("document.querySelector('#findings .empty').textContent") == "No finding matches these filters.", "an empty list says so")
    test.js("showFindings({}, true)")


def matrix_drills_down(test):
    b = test.browser
    cell = "document.querySelector('#matrix td[tabindex=\"0\"]')"
    upwards = "document.querySelector('#matrix td[aria-label^=\"store imports web\"]')"
    rows = test.js("[...document.querySelectorAll('#matrix .matrix th.row')].map((one) => one.textContent)")
    test.that([one for one in rows if one in ("web", "orders", "stock", "store", "core")] == ["web", "orders", "stock", "store", "core"], f"the layers are in order: {rows}")
    test.that(test.js(f"{cell}.className").find("bad") >= 0, "the first cell that Tab reaches breaks a rule")
    label = test.js(f"{cell}.getAttribute('aria-label')")
    test.that("break a rule" in label, f"and says so: {label}")
    test.js(f"{cell}.focus()")
    at = test.js(f"[{cell}.dataset.r, {cell}.dataset.c].map(Number)")
    b.key("ArrowRight")
    right = test.js("[document.activeElement.dataset.r, document.activeElement.dataset.c].map(Number)")
    test.that(right == [at[0], at[1] + 1], f"arrow right: {at} {right}")
    b.key("ArrowLeft")
    test.that(test.js("document.querySelectorAll('#matrix td[tabindex=\"0\"]').length") == 1, "one cell alone is in the tab order")
    test.js(f"{upwards}.focus()")
    b.key("Enter")
    crumbs = test.js("document.querySelector('#matrix .crumbs').textContent")
    test.that("→" in crumbs, f"Enter opens the cell: {crumbs}")
    lines = test.js("[...document.querySelectorAll('#matrix .import-lines li')].map((one) => one.textContent)")
    test.that(any("store/tables.py:2" in line and "web.api" in line for line in lines), f"the lines are there: {lines}")
    test.that(test.js("Boolean(document.querySelector('#matrix .import-lines li.bad .rule'))"), "with the rule that they break")
    b.key("Backspace") if test.js("Boolean(document.activeElement.closest('.matrix'))") else test.js("document.querySelector('#matrix .crumbs button').click()")
    test.that("→" not in test.js("document.querySelector('#matrix .crumbs').textContent"), "and back")
    test.js("[...document.querySelectorAll('#matrix th.row .link')].find((one) => one.textContent === 'web').click()")
    inside = test.js("[...document.querySelectorAll('#matrix th.row')].map((one) => one.textContent)")
    test.js("document.querySelector('#matrix .crumbs button').click()")
    filter = "document.querySelector('#matrix input.filter')"
    test.js(f"{filter}.focus()")
    b.type("st")
    b.wait("[...document.querySelectorAll('#matrix .matrix th.row')].length === 2", "the matrix filters its packages")
    test.js(f"{filter}.value = '', {filter}.dispatchEvent(new Event('input'))")
    b.wait("[...document.querySelectorAll('#matrix .matrix th.row')].length > 2", "and shows them again")
    return inside


def graph_opens(test):
    b = test.browser
    boxes = "document.querySelectorAll('#graph .box')"
    before = test.js(f"{boxes}.length")
    test.that(0 < before <= 16, f"{before} boxes at first")
    test.that(test.js("document.querySelectorAll('.graph-holder path.arrow.bad').length") > 0, "broken rules are red")
    counts = test.js("[...document.querySelectorAll('#graph .tag-text')].map((one) => one.textContent)")
    test.that(counts and all(counts), f"every arrow has its count: {counts}")
    test.js("[...document.querySelectorAll('#graph .box')].find((one) => one.textContent.includes('web')).focus()")
    test.that("imported by" in test.js("document.querySelector('#graph .about').textContent"), "what has the focus is told about")
    b.key("Enter")
    test.that(test.js("document.activeElement.getAttribute('aria-expanded')") == "true", "Enter opens a package, and the focus stays on it")
    opened = test.js(f"[...{boxes}].map((one) => one.querySelector('.name').textContent)")
    test.that(any("pages" in one for one in opened) and len(opened) > before, f"what is inside is shown: {opened}")
    test.js("document.querySelector('#graph .frame-head').dispatchEvent(new MouseEvent('click', { bubbles: true }))")
    test.that(test.js(f"{boxes}.length") == before, "a click on the frame closes it")
    test.js("document.querySelector('#graph .line.bad .wide').dispatchEvent(new MouseEvent('click', { bubbles: true }))")
    test.that(test.js("document.activeElement.id") == "matrix" and test.js("Boolean(document.querySelector('#matrix .import-lines li.bad'))"), "an arrow leads to its lines")
    test.js("document.querySelector('#matrix .crumbs button').click()")
    test.js("document.querySelector('#graph input[type=checkbox]').click()")
    test.that(test.js("document.querySelectorAll('.graph-holder path.arrow:not(.bad):not(.warn)').length") == 0, "only broken rules")
    test.js("document.querySelector('#graph input[type=checkbox]').click()")


def themes_turn(test):
    b = test.browser
    ground = "getComputedStyle(document.body).backgroundColor"
    before = test.js(ground)
    test.js("document.getElementById('theme').click()")
    test.that(test.js(ground) != before and test.js("document.documentElement.dataset.theme") == "dark", "the button turns it dark")
    test.js("document.getElementById('theme').click()")
    test.that(test.js(ground) == before, "and light again")
    test.js("try { localStorage.removeItem('importlaw-theme') } catch {}")


CONTRAST = """(() => {
  const parse = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const over = (top, under) => top.slice(0, 3).map((v, i) => v * (top[3] ?? 1) + under[i] * (1 - (top[3] ?? 1)));
  const light = (c) => { const f = c.map((v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * f[0] + 0.7152 * f[1] + 0.0722 * f[2]; };
  const ground = (e) => { const layers = []; for (let at = e; at; at = at.parentElement) {
      const c = parse(getComputedStyle(at).backgroundColor); layers.push(c); if (c.length === 3 || c[3] === 1) break; }
    return layers.reverse().reduce((under, top) => (top.length ? over(top, under) : under), [255, 255, 255]); };
  const poor = new Map();
  const walk = document.createTreeWalker(document.querySelector('body'), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || e.closest('script, style, noscript, svg, .unseen, [hidden]') || !e.getClientRects().length) continue;
    const style = getComputedStyle(e);
    const under = ground(e);
    let opacity = 1; for (let at = e; at; at = at.parentElement) opacity *= Number(getComputedStyle(at).opacity);
    const c = parse(style.color); const ink = over([...c.slice(0, 3), (c[3] ?? 1) * opacity], under);
    const [a, b] = [light(ink), light(under)].sort((p, q) => q - p);
    const ratio = (a + 0.05) / (b + 0.05);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) poor.set(e.tagName + '.' + e.className + ' ' + ratio.toFixed(2), walk.currentNode.textContent.trim().slice(0, 40));
  }
  return [...poor];
})()"""

NAMELESS = """[...document.querySelectorAll('button, input, select, a, [role=button], [role=grid]')].filter((e) =>
  !(e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') || e.textContent.trim() ||
    (e.labels && [...e.labels].some((label) => label.textContent.trim())))).map((e) => e.outerHTML.slice(0, 90))"""


def reads_well(test, theme):
    poor = test.js(CONTRAST)
    test.that(not poor, f"{theme}: contrast below AA: {poor[:6]}")
    nameless = test.js(NAMELESS)
    test.that(not nameless, f"controls without a name: {nameless}")


def tab_goes_through(test):
    b = test.browser
    test.js("document.activeElement.blur(), scrollTo(0, 0), getSelection().removeAllRanges()")
    b.open(test.js("location.href"))
    seen, unseen = [], []
    for _ in range(400):
        b.key("Tab")
        here = test.js("""(() => { const e = document.activeElement; if (e === document.body) return null;
          const r = e.getBoundingClientRect(), s = getComputedStyle(e);
          const rect = e.querySelector(':scope > rect');
          const ring = s.outlineStyle !== 'none' || (rect && getComputedStyle(rect).strokeWidth === '2px');
          return { what: e.tagName + '.' + (e.getAttribute('class') || e.id), part: e.closest('.part')?.id || 'bar',
            shown: r.bottom > 0 && r.top < innerHeight && r.width > 0, ring: Boolean(ring) }; })()""")
        if here is None:
            break
        seen.append(here)
        if not (here["shown"] and here["ring"]):
            unseen.append(here)
    parts = [one["part"] for one in seen]
    test.that(seen and seen[0]["what"] == "A.skip", f"Tab begins with the way past the navigation: {seen[:1]}")
    test.that({"bar", "summary", "tables", "findings", "matrix", "graph"} <= set(parts), f"Tab reaches every part: {sorted(set(parts))}")
    order = list(dict.fromkeys(parts))
    test.that(order == [part for part in ("bar", "summary", "tables", "findings", "matrix", "graph") if part in order], f"in the order of the page: {order}")
    test.that(not unseen, f"the focus is always seen: {unseen[:4]}")


def fits_and_prints(test):
    b = test.browser
    for width in (400, 800, 1280):
        b.size(width, 900)
        over = test.js("document.documentElement.scrollWidth - innerWidth")
        test.that(over <= 0, f"no sideways scrolling at {width}: {over}")
    pdf = b.pdf()
    test.that(pdf.startswith(b"%PDF") and len(pdf) > 20_000, f"prints: {len(pdf)} bytes")
    return len(pdf), pdf.count(b"/Type /Page\n") or pdf.count(b"/Type/Page")


def shots(browser, page, folder, name):
    folder.mkdir(parents=True, exist_ok=True)
    for theme in ("light", "dark"):
        browser.theme(theme)
        browser.open(page.as_uri())
        for part in ("summary", "tables", "findings", "matrix", "graph"):
            if browser.js(f"Boolean(document.getElementById('{part}'))"):
                browser.screenshot(folder / f"{name}-{part}-{theme}.png", f"#{part}")


def timing(browser, page):
    """Best of three: until the script is done, and until the browser has drawn and answers again."""
    best = None
    for _ in range(3):
        browser.open(page.as_uri())
        ready = browser.js("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
        drawn = browser.js("new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()))))")
        drill = browser.js("(() => { const t = performance.now(); const cell = document.querySelector('#matrix td.some'); cell && cell.click(); document.body.offsetHeight; return performance.now() - t })()")
        search = browser.js("(() => { if (!document.getElementById('findings')) return 0; const t = performance.now(); showFindings({ words: 'import a' }, true); document.body.offsetHeight; return performance.now() - t })()")
        one = (drawn, ready, drill, search)
        best = one if best is None or one < best else best
    size = page.stat().st_size
    modules, imports = browser.js("graph ? [graph.names.length, graph.from.length] : [0, 0]")
    drawn, ready, drill, search = best
    print(f"{page.name}: {size / 1e6:.2f} MB, {modules:,} modules, {imports:,} imports: script done {ready:.0f} ms, usable {drawn:.0f} ms, drill-down {drill:.0f} ms, findings filter {search:.0f} ms")
    return drawn


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=pathlib.Path)
    parser.add_argument("--shots", type=pathlib.Path)
    parser.add_argument("--time", type=pathlib.Path, nargs="*", default=[])
    args = parser.parse_args()
    binary = args.binary.resolve()
    browser = Browser()
    test = Test(browser)
    try:
        with tempfile.TemporaryDirectory() as root:
            small_project(root)
            page = make(binary, root, "report")
            for theme in ("light", "dark"):
                browser.theme(theme)
                browser.open(page.as_uri())
                loads_alone(test)
                reads_well(test, theme)
            browser.theme("light")
            browser.open(page.as_uri())
            text_stays_text(test)
            tables_sort_and_filter(test)
            findings_filter_and_open(test)
            matrix_drills_down(test)
            graph_opens(test)
            themes_turn(test)
            size, pages = fits_and_prints(test)
            tab_goes_through(test)
            loads_alone(test)
            print(f"small project: {page.stat().st_size:,} bytes; PDF of {pages} pages, {size:,} bytes")
            if args.shots:
                shots(browser, page, args.shots, "small")
            browser.theme("light")
            browser.open(make(binary, root, "graph").as_uri())
            test.that(test.js("[...document.querySelectorAll('.part')].map((one) => one.id).join()") == "matrix,graph", "graph --format html has the matrix and the graph alone")
            closing = make(binary, root, "report", "--closing", "no-web,holds")
            for theme in ("dark", "light"):
                browser.theme(theme)
                browser.open(closing.as_uri())
                reads_well(test, f"closing, {theme}")
                test.js("document.querySelectorAll('details').forEach((one) => (one.open = true))")
                test.js("document.querySelector('#matrix td.bad').click()")
                test.js("document.querySelector('#graph .box').focus()")
                browser.wait("document.querySelector('#findings .block:last-child .block-body')", "all blocks open")
                reads_well(test, f"opened, {theme}")
            verdict = test.js("document.querySelector('#closing .verdict').textContent")
            test.that(verdict.startswith("NOT READY: no-web, "), f"the closing page says its verdict: {verdict}")
            loads_alone(test)
        with tempfile.TemporaryDirectory() as root:
            pathlib.Path(root, "one.py").write_text("import os\n")
            browser.open(make(binary, root, "report").as_uri())
            loads_alone(test)
            test.that("n/a" in test.js("document.querySelector('.figure').textContent"), "nothing governed is n/a")
        with tempfile.TemporaryDirectory() as root:
            large_project(root)
            page = make(binary, root, "report")
            drawn = timing(browser, page)
            loads_alone(test)
            test.that(drawn < 3000, f"10,000 modules and 60,000 imports are usable within 3 s: {drawn:.0f} ms")
            test.that(test.js("document.querySelectorAll('*').length") < 20_000, "never everything at once")
        for page in args.time:
            timing(browser, page.resolve())
            if args.shots:
                shots(browser, page.resolve(), args.shots, page.stem)
    except Failed as failure:
        test.wrong.append(str(failure))
        print(f"  WRONG: {failure}", file=sys.stderr)
    finally:
        browser.close()
    print(f"{test.checked} checks, {len(test.wrong)} wrong")
    return 1 if test.wrong else 0


if __name__ == "__main__":
    started = time.monotonic()
    code = main()
    print(f"{time.monotonic() - started:.0f} s")
    sys.exit(code)
