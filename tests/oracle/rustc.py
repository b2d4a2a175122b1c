#!/usr/bin/env python3
"""Compares `importlaw graph` with rustc on a crate: which file uses what which module defines?

    python3 rustc.py record CRATE_DIR OUT.json [--features LIST | --all-features] [--no-default-features]
                                               [--target-dir DIR] [--keep DIR] [--leave MACRO]...
    python3 rustc.py compare OUT.json GRAPH.json [--lines] [--full]
    python3 rustc.py files OUT.json GRAPH.json
    python3 rustc.py stats OUT.json...

Standard library, cargo and a stable rustc. CRATE_DIR is an unpacked package of crates.io or a member of a workspace,
GRAPH.json is what `importlaw graph --format json` writes at the crate's or the workspace's root.

`record` copies the crate and puts `#[deprecated(note = "MOD:a::b")]` in front of every `mod` and `macro_rules!` of the
copy, and `#![deprecated(note = "MOD:crate")]` at its root. An item inherits the attribute of the nearest module, and
`--force-warn deprecated` makes rustc name each use of an item whose attribute is not the user's own: exactly the uses
that cross a module's border, below and above it, after re-exports, globs and macros. Lines stay what they were, columns
are mapped back. Only what the library compiles under the given features and this platform is seen; what `derive` writes
and attributes of tools (serde's `with`) are not.

`compare` takes pairs (file, defining module). What rustc cannot see (tests, inactive cfg, files of other targets) is set
aside, what a path-based tool cannot see (types, unresolved macro bodies) is counted apart. Exit code 1 where a pair is
left that no class explains. `files` compares rustc's dep-info with the files of the graph's modules.
"""

import argparse
import bisect
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

# --- The text of a file --------------------------------------------------------------------------------------------

TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*)|(?P<block>/\*)
    |(?P<raw>(?:b|c)?r(?P<hash>\#*)")
    |(?P<string>(?:b|c)?"(?:\\.|[^"\\])*")
    |(?P<char>b?'(?:\\(?:x[0-9a-fA-F]{2}|u\{[^}]*\}|.)|[^'\\\n])')
    |(?P<lifetime>'[^\W\d]\w*)
    |(?P<ident>(?:r\#)?[^\W\d]\w*)
    |(?P<number>\d\w*)
    |(?P<space>\s+)
    |(?P<punct>.)""",
    re.VERBOSE | re.DOTALL,
)
CLOSES = {"(": ")", "[": "]", "{": "}"}
ITEMS = {"fn", "struct", "enum", "union", "impl", "trait", "mod", "use", "const", "static", "type", "extern", "macro_rules",
         "pub", "unsafe", "async", "default", "auto", "crate"}
QUOTES = {"quote", "quote_spanned", "parse_quote", "stringify"}


class Token:
    def __init__(self, kind: str, text: str, start: int) -> None:
        self.kind, self.text, self.start, self.end, self.pair = kind, text, start, start + len(text), -1


def tokens_of(text: str) -> list[Token]:
    """Rust's tokens without comments and white space; brackets know their partner."""
    found: list[Token] = []
    opened: list[int] = []
    at = 2 if text.startswith("#!") and not text.startswith("#![") else 0
    if at:
        at = (text.find("\n") + 1) or len(text)
    while at < len(text):
        match = TOKEN.match(text, at)
        kind, end = match.lastgroup, match.end()
        if kind == "hash" or match.group("raw"):
            kind, closing = "string", '"' + match.group("hash")
            last = text.find(closing, end)
            end = last + len(closing) if last >= 0 else len(text)
        elif kind == "block":
            end = after_block_comment(text, at)
        if kind in ("string", "char", "lifetime", "ident", "number", "punct"):
            found.append(Token(kind, text[at:end], at))
            word = found[-1].text
            if kind == "punct" and word in CLOSES:
                opened.append(len(found) - 1)
            elif kind == "punct" and word in ")]}" and opened:
                found[opened[-1]].pair, found[-1].pair = len(found) - 1, opened[-1]
                opened.pop()
        at = end
    for left in opened:
        found[left].pair = len(found) - 1
    return found


def after_block_comment(text: str, at: int) -> int:
    depth = 0
    for match in re.finditer(r"/\*|\*/", text[at:]):
        depth += 1 if match.group() == "/*" else -1
        if depth == 0:
            return at + match.end()
    return len(text)


# --- cfg -----------------------------------------------------------------------------------------------------------


def holds(predicate: str, active: set[str]) -> bool:
    """Whether a cfg predicate holds among what `rustc --print cfg` lists."""
    value, _ = holds_at(tokens_of(predicate), 0, active)
    return value


def holds_at(words: list[Token], at: int, active: set[str]) -> tuple[bool, int]:
    if at >= len(words):
        return True, at
    name, following = words[at].text, words[at + 1].text if at + 1 < len(words) else ""
    if following == "(":
        values, here = [], at + 2
        while here < words[at + 1].pair:
            value, here = holds_at(words, here, active)
            values.append(value)
            here += 1 if here < len(words) and words[here].text == "," else 0
        decided = {"all": all(values), "any": any(values), "not": not any(values)}
        return decided.get(name, False), words[at + 1].pair + 1
    if following == "=" and at + 2 < len(words):
        return f"{name}={words[at + 2].text}" in active, at + 3
    return name == "true" or name in active, at + 1


def cfg_macros(files: list[Path], active: set[str]) -> dict[str, bool]:
    """What each `cfg_…!` macro of the crate does to its items: its body puts one set of `#[cfg(…)]` before them."""
    bodies: dict[str, list[list[bool]]] = defaultdict(list)
    for file in files:
        text = file.read_text(encoding="utf-8", errors="replace")
        if "macro_rules!" not in text:
            continue
        tokens = tokens_of(text)
        words = [token.text for token in tokens]
        for at in range(len(words) - 3):
            if words[at : at + 2] == ["macro_rules", "!"] and words[at + 2].startswith("cfg_"):
                body = text[tokens[at + 3].end : tokens[max(tokens[at + 3].pair, 0)].start]
                inner = tokens_of(body)
                spans = [inner[here + 1] for here in range(len(inner) - 2)
                         if inner[here].text == "#" and inner[here + 1].text == "[" and inner[here + 2].text == "cfg"]
                asked = [body[token.end : inner[token.pair].start].strip() for token in spans]
                found = [re.match(r"cfg\s*\((.*)\)$", text, re.DOTALL) for text in asked]
                bodies[words[at + 2]].append([holds(match.group(1), active) for match in found if match])
    one = {name: alternatives[0] for name, alternatives in bodies.items() if len(alternatives) == 1 and alternatives[0]}
    return {name: all(predicates) for name, predicates in one.items()}


# --- One file ------------------------------------------------------------------------------------------------------


class Source:
    """One file of the copy: where attributes go, and what stands on which lines."""

    def __init__(self, text: str, active: set[str], macros: dict[str, bool], leave: set[str]) -> None:
        self.text, self.active, self.macros, self.leave = text, active, macros, leave
        self.starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self.tokens = tokens_of(text)
        self.edits: list[tuple[int, int, str]] = []
        self.modules: list[tuple[int, int, str]] = []
        self.compiled: list[str] = []
        self.children: list[tuple[str, list[str], str, str, bool]] = []
        self.ranges: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self.off: list[tuple[int, int]] = []

    def line(self, offset: int) -> int:
        return bisect.bisect_right(self.starts, offset)

    def mark(self, kind: str, first: int, last: int) -> None:
        """Notes the lines from one token to another."""
        last = min(last, len(self.tokens) - 1)
        self.ranges[kind].append((self.line(self.tokens[first].start), self.line(max(self.tokens[last].end - 1, 0))))

    def word(self, at: int) -> str:
        return self.tokens[at].text if 0 <= at < len(self.tokens) else ""

    def is_off(self, at: int) -> bool:
        return any(first <= at <= last for first, last in self.off)

    def visit(self, module: str) -> None:
        self.walk(0, len(self.tokens), module, [])

    def walk(self, at: int, end: int, module: str, inline: list[str]) -> None:
        """`inline` is the directory that the modules written around this place add to the file's own."""
        attributes: list[str] = []
        while at < end:
            word = self.word(at)
            if word == "#" and self.word(at + 1) in ("[", "!"):
                at = self.attribute(at, attributes)
                continue
            if word == "if" and self.word(at + 1) == "#" and self.word(at + 2) == "[":
                self.cfg_if(at)
            elif word == "macro_rules" and self.word(at + 1) == "!" and self.word(at + 3) in CLOSES:
                exported = any(re.match(r"macro_export\b", text) for text in attributes)
                self.edits.append((self.tokens[at].start, 0, note(module, ":exported" if exported else "")))
                self.mark("macro_rules", at, self.tokens[at + 3].pair)
                at, attributes = self.tokens[at + 3].pair + 1, []
                continue
            elif self.tokens[at].kind == "ident" and self.word(at + 1) == "!" and self.word(at + 2) in CLOSES:
                if word in QUOTES | self.leave:
                    at = self.tokens[at + 2].pair + 1
                    continue
                if self.macros.get(word) is False:
                    self.off.append((at, self.tokens[at + 2].pair))
                    self.mark("inactive", at, self.tokens[at + 2].pair)
                elif word.startswith("cfg_") and word != "cfg_if" and word not in self.macros:
                    self.mark("cfg_macro", at, self.tokens[at + 2].pair)
                attributes = []
            elif word == "mod" and re.fullmatch(r"(r#)?[^\W\d]\w*", self.word(at + 1)) and self.word(at + 2) in (";", "{"):
                at = self.module(at, module, inline, attributes)
                attributes = []
                continue
            elif word == "use" and self.word(at + 1) != "<":
                last = self.until_semicolon(at)
                self.mark("pub use" if self.visibility(at) < at else "use", at, last)
                if "*" in (token.text for token in self.tokens[at:last]):
                    self.mark("glob use", at, last)
                attributes = []
            elif word in (";", "{", "}", ","):
                attributes = []
            at += 1

    def module(self, at: int, module: str, inline: list[str], attributes: list[str]) -> int:
        name = self.word(at + 1).removeprefix("r#")
        child = f"{module}::{name}"
        self.edits.append((self.tokens[self.visibility(at)].start, 0, note(child)))
        paths = self.paths_of(attributes)
        if self.word(at + 2) == ";":
            on = not self.is_off(at)
            self.children += [(child, inline, name, path, on and holding) for path, holding in paths]
            return at + 3
        close = self.tokens[at + 2].pair
        self.modules.append((self.tokens[at].start, self.tokens[close].end, child))
        if not self.is_off(at):
            self.compiled.append(child)
        self.walk(at + 3, close, child, [*inline, paths[0][0] or name])
        return close + 1

    def paths_of(self, attributes: list[str]) -> list[tuple[str, bool]]:
        """Where attributes say that a module's file is, and whether this build looks there; `""` is the usual place."""
        found = []
        for attribute in attributes:
            match = re.search(r'\bpath\s*=\s*("[^"]*")', attribute)
            if match and attribute.startswith("path"):
                return [(json.loads(match.group(1)), True)]
            is_cfg = re.match(r"cfg_attr\s*\((.*)\)$", attribute, re.DOTALL)
            if match and is_cfg:
                found.append((json.loads(match.group(1)), holds(is_cfg.group(1), self.active)))
        return [*found, ("", not any(holding for _, holding in found))]


    def visibility(self, at: int) -> int:
        """The token where an item starts whose keyword stands at that token."""
        before = at - 1
        if self.word(before) == ")" and self.word(self.tokens[before].pair - 1) == "pub":
            return self.tokens[before].pair - 1
        return before if self.word(before) in ("pub", "crate") and self.word(before - 1) != "$" else at

    def attribute(self, at: int, attributes: list[str]) -> int:
        """Notes one attribute and gives the token behind it."""
        inner = self.word(at + 1) == "!"
        left = at + 2 if inner else at + 1
        if self.word(left) != "[":
            return at + 1
        close = self.tokens[left].pair
        text = self.text[self.tokens[left].end : self.tokens[close].start].strip()
        self.mark("attribute", at, close)
        if DEPRECATED.match(text) and not re.search(r"\bpath\b", text):
            start, end = self.tokens[at].start, self.tokens[close].end
            self.edits.append((start, end - start, re.sub(r"[^\n\r]", " ", self.text[start:end])))
        if not inner:
            attributes.append(text)
        is_cfg = re.match(r"cfg\s*\((.*)\)$", text, re.DOTALL)
        if re.fullmatch(r"test|bench", text):
            self.mark("test", at, self.extent(close + 1))
        elif is_cfg and not holds(is_cfg.group(1), self.active):
            last = self.until_closed(at) if inner else self.extent(close + 1)
            self.off.append((at, last))
            self.mark("test" if holds(is_cfg.group(1), self.active | {"test"}) else "inactive", at, last)
        return close + 1

    def until_closed(self, at: int) -> int:
        """The last token of what an inner attribute belongs to."""
        around = [t.pair for t in self.tokens[:at] if t.text == "{" and t.kind == "punct" and t.pair > at]
        return min(around, default=len(self.tokens) - 1)

    def until_semicolon(self, at: int) -> int:
        while at < len(self.tokens) and self.word(at) != ";":
            at = max(self.tokens[at].pair, at) + 1
        return at

    def extent(self, at: int) -> int:
        """The last token of the item, statement, field or arm that starts there, attributes first."""
        while self.word(at) == "#" and self.word(at + 1) == "[":
            at = self.tokens[at + 1].pair + 1
        if self.word(at) == "use":
            return self.until_semicolon(at)
        item = self.word(at) in ITEMS
        while at < len(self.tokens):
            token = self.tokens[at]
            if token.kind == "punct" and token.text in ")]}":
                return at - 1
            if token.text == ";" or (token.text == "," and not item):
                return at
            if token.kind == "punct" and token.text in CLOSES:
                at = token.pair
                more = self.word(at + 1) in ("else", "=", ".", "?", "if", "|")
                if token.text == "{" and not more:
                    return at
            at += 1
        return len(self.tokens) - 1

    def cfg_if(self, at: int) -> None:
        """`if #[cfg(a)] { … } else if #[cfg(b)] { … } else { … }`."""
        taken = False
        while self.word(at) == "if" and self.word(at + 1) == "#":
            close = self.tokens[at + 2].pair
            text = self.text[self.tokens[at + 2].end : self.tokens[close].start].strip()
            is_cfg = re.match(r"cfg\s*\((.*)\)$", text, re.DOTALL)
            if not is_cfg or self.word(close + 1) != "{":
                return
            last = self.tokens[close + 1].pair
            if taken or not holds(is_cfg.group(1), self.active):
                self.off.append((close + 1, last))
                self.mark("inactive", close + 1, last)
            else:
                taken = True
            if self.word(last + 1) != "else":
                return
            at = last + 2
        if self.word(at) == "{" and taken:
            self.off.append((at, self.tokens[at].pair))
            self.mark("inactive", at, self.tokens[at].pair)

    def written(self) -> tuple[str, dict[int, list[tuple[int, int]]]]:
        """The text with its edits, and for each line the (column, length) of what was put in."""
        parts, last, shifts = [], 0, defaultdict(list)
        for start, length, text in sorted(self.edits):
            parts += [self.text[last:start], text]
            last = start + length
            if not length:
                line = self.line(start)
                shifts[line].append((start - self.starts[line - 1] + 1, len(text)))
        return "".join([*parts, self.text[last:]]), shifts

    def module_at(self, line: int, column: int, own: str) -> str:
        offset = self.starts[min(line, len(self.starts)) - 1] + column - 1
        inside = [(end - start, name) for start, end, name in self.modules if start <= offset < end]
        return min(inside, default=(0, own))[1]


def note(module: str, flag: str = "", inner: bool = False) -> str:
    return f'#{"!" if inner else ""}[deprecated(note = "MOD:{module}{flag}")] '


# --- The copy ------------------------------------------------------------------------------------------------------


# `as a::Name<T>>::`, or `Name::`.
BEFORE_ITEM = re.compile(r"\bas\s[\w:\s]*?\b([^\W\d]\w*)\s*(?:<[^<>]*>\s*)?>\s*::\s*$|([^\W\d]\w*)\s*::\s*$")
DEPRECATED = re.compile(r"deprecated\b|cfg_attr\b.*?\bdeprecated\s*[(\]=]", re.DOTALL)


class Copy:
    """Every file that a crate's root reaches, annotated."""

    def __init__(self, base: Path, root: Path, crate: str, active: set[str], leave: set[str]) -> None:
        self.base, self.crate, self.active, self.leave = base, crate, active, leave
        self.sources: dict[str, tuple[Source, str]] = {}
        self.shifts: dict[str, dict[int, list[tuple[int, int]]]] = {}
        self.mounts: list[dict] = []
        self.macros = cfg_macros(sorted(root.parent.rglob("*.rs")), active)
        self.root, self.by_path = root, set()
        waiting = [(root, crate, True)]
        while waiting:
            # What is compiled first: a file that two branches of a cfg mount is named by the active one.
            at = next((at for at in range(len(waiting) - 1, -1, -1) if waiting[at][2]), len(waiting) - 1)
            file, module, is_active = waiting.pop(at)
            waiting += self.visit(file, module, is_active)

    def visit(self, file: Path, module: str, is_active: bool) -> list[tuple[Path, str, bool]]:
        name = Path(os.path.normpath(file)).relative_to(self.base).as_posix()
        self.mounts.append({"module": module, "file": name, "active": is_active})
        if name in self.sources:
            return []
        with open(file, encoding="utf-8", newline="") as stream:
            text = stream.read()
        source = Source(text, self.active, self.macros, self.leave)
        source.visit(module)
        self.sources[name] = source, module
        if file == self.root:
            shebang = text.startswith("#!") and not text.startswith("#![")
            start = text.find("\n") + 1 if shebang else int(text.startswith("\ufeff"))
            source.edits.append((start, 0, note(self.crate, inner=True)))
        changed, self.shifts[name] = source.written()
        with open(file, "w", encoding="utf-8", newline="") as stream:
            stream.write(changed)
        return [(path, child, is_active and on) for path, child, on in self.below(file, source)]

    def below(self, file: Path, source: Source) -> list[tuple[Path, str, bool]]:
        """The files of the modules that a file declares."""
        owns = file == self.root or file.name == "mod.rs" or file in self.by_path
        directory = file.parent if owns else file.parent / file.stem
        found = []
        for child, inline, name, path, on in source.children:
            if path:
                target = (directory.joinpath(*inline) if inline else file.parent) / path
                self.by_path.add(target)
                candidates = [target]
            else:
                here = directory.joinpath(*inline)
                candidates = [here / f"{name}.rs", here / name / "mod.rs"]
            found += [(target, child, on) for target in candidates if target.is_file()][:1]
        return found

    def compiled(self) -> list[str]:
        """The modules that this build has."""
        active = {(mount["file"], mount["module"]) for mount in self.mounts if mount["active"]}
        here = [(source, own) for file, (source, own) in self.sources.items() if (file, own) in active]
        return sorted({own for _, own in here} | {child for source, _ in here for child in source.compiled})

    def place(self, span: dict) -> dict | None:
        """A span of rustc's in the original's lines and columns; None outside the crate."""
        name = Path(os.path.normpath(self.base / span["file_name"]))
        if not name.is_relative_to(self.base):
            return None
        file = name.relative_to(self.base).as_posix()
        if file not in self.sources:
            return None
        line, column = span["line_start"], span["column_start"]
        for start, length in self.shifts[file].get(line, []):
            column -= length if column >= start + length else 0
        source, own = self.sources[file]
        return {"file": file, "line": line, "column": column, "module": source.module_at(line, column, own)}

    def before(self, place: dict) -> str:
        """What stands in front of a name: `Self::`, `::`, `.` or nothing."""
        source, _ = self.sources[place["file"]]
        offset = source.starts[place["line"] - 1] + place["column"] - 1
        head = re.search(r"(\bSelf\s*::|::|\.)\s*$", source.text[max(0, offset - 200) : offset])
        return re.sub(r"\s", "", head.group(1)) if head else ""

    def head(self, place: dict, kind: str) -> tuple[str, int, int] | None:
        """`Name` of `Name::f` or of `<T as Name>::f` with its line and column, for the place of `f`."""
        source, _ = self.sources[place["file"]]
        offset = source.starts[place["line"] - 1] + place["column"] - 1
        first = max(0, offset - 300)
        found = BEFORE_ITEM.search(source.text[first:offset])
        if kind == "associated type" and source.text[offset] == "<":
            first = offset
            found = re.match(r"<[^;{}]*?\bas\s(?:[\w\s]*?::)*\s*([^\W\d]\w*)()", source.text[offset : offset + 300])
        if not found:
            return None
        start = first + found.start(1 if found.group(1) else 2)
        line = source.line(start)
        return found.group(1) or found.group(2), line, start - source.starts[line - 1] + 1

    def text_of(self, place: dict) -> str:
        source, _ = self.sources[place["file"]]
        end = source.starts[place["line"]] if place["line"] < len(source.starts) else len(source.text)
        return source.text[source.starts[place["line"] - 1] : end].strip()


# --- record --------------------------------------------------------------------------------------------------------

MESSAGE = re.compile(r"use of deprecated (.+?) `(.*)`: MOD:(\S+?)(:exported)?$", re.DOTALL)
OF_A_TYPE = {"method", "associated function", "associated constant", "associated type", "field"}


def record(args: argparse.Namespace) -> int:
    original = Path(args.crate_dir).resolve()
    with tempfile.TemporaryDirectory(prefix="rustc-oracle-") as temporary:
        base = Path(args.keep or temporary).resolve() / "copy"
        workspace, name = copy_crate(original, base)
        member = original.relative_to(workspace)
        package = base / member
        library = library_of(package, base)
        crate = library["name"].replace("-", "_")
        features = ["--features", args.features] if args.features else []
        features += ["--all-features"] * args.all_features + ["--no-default-features"] * args.no_default_features
        environment = {**os.environ, "CARGO_TARGET_DIR": str(Path(args.target_dir or base.parent / "target").resolve())}
        command = ["cargo", "rustc", "-q", "--lib", "--profile", "check", "--manifest-path", str(package / "Cargo.toml")]
        active = set(run([*command, *features, "--", "--print", "cfg"], base, environment).stdout.split("\n")) - {""}
        copy = Copy(base, Path(library["src_path"]), crate, active, set(args.leave))
        arguments = ["--message-format=json", "--", "--force-warn", "deprecated", "--cap-lints", "warn"]
        answer = run([*command, *features, *arguments], base, environment, check=False)
        found = [json.loads(line) for line in answer.stdout.splitlines() if line.startswith("{")]
        if answer.returncode:
            sys.stderr.write("".join(m["message"].get("rendered") or "" for m in found if is_error(m)) + answer.stderr)
            sys.exit("rustc.py: the annotated copy does not build; `--leave MACRO` keeps a macro's arguments as they are")
        messages, foreign = messages_of(copy, found)
        document = {
            "crate": crate, "package": name, "member": member.as_posix(), "features": features, "cfg": sorted(active),
            "rustc": run(["rustc", "--version"], base, environment).stdout.strip(), "without_note": sorted(foreign),
            "files": dep_info(Path(environment["CARGO_TARGET_DIR"]), crate, base),
            "mounts": copy.mounts, "compiled": copy.compiled(),
            "inline": sorted({(name, file) for file, (source, _) in copy.sources.items() for *_, name in source.modules}),
            "ranges": {file: dict(sorted(source.ranges.items())) for file, (source, _) in sorted(copy.sources.items())},
            "own": {file: own for file, (_, own) in sorted(copy.sources.items())},
            "messages": messages,
        }
    Path(args.out).write_text(json.dumps(document, indent=1) + "\n")
    print_stats(document)
    return 0


def run(command: list[str], directory: Path, environment: dict, check: bool = True) -> subprocess.CompletedProcess:
    answer = subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, check=False)
    if check and answer.returncode:
        sys.exit(f"rustc.py: {' '.join(command)}\n{answer.stderr}")
    return answer


def is_error(message: dict) -> bool:
    return message.get("reason") == "compiler-message" and message["message"]["level"] == "error"


def copy_crate(original: Path, base: Path) -> tuple[Path, str]:
    """Copies a package with its workspace; gives the workspace's directory and the package's name."""
    command = ["cargo", "metadata", "--no-deps", "--format-version", "1", "--manifest-path", str(original / "Cargo.toml")]
    document = json.loads(run(command, original, dict(os.environ)).stdout)
    package = next(p for p in document["packages"] if Path(p["manifest_path"]).parent.resolve() == original)
    workspace = Path(document["workspace_root"]).resolve()
    shutil.rmtree(base, ignore_errors=True)
    shutil.copytree(workspace, base, symlinks=True, ignore=shutil.ignore_patterns("target", ".git", "rust-toolchain*"))
    return workspace, f"{package['name']} {package['version']}"


def library_of(package: Path, base: Path) -> dict:
    command = ["cargo", "metadata", "--no-deps", "--format-version", "1", "--manifest-path", str(package / "Cargo.toml")]
    document = json.loads(run(command, base, dict(os.environ)).stdout)
    (here,) = [p for p in document["packages"] if Path(p["manifest_path"]).parent == package]
    libraries = [t for t in here["targets"] if any("lib" in kind or kind == "proc-macro" for kind in t["kind"])]
    if not libraries:
        sys.exit(f"rustc.py: {here['name']} has no library")
    return libraries[0]


def dep_info(target: Path, crate: str, base: Path) -> list[str]:
    newest = max((target / "debug" / "deps").glob(f"{crate}-*.d"), key=lambda path: path.stat().st_mtime)
    rule = next(line for line in newest.read_text().splitlines() if ": " in line)
    named = [part.replace("\\ ", " ") for part in re.split(r"(?<!\\) ", rule.split(": ", 1)[1])]
    paths = [Path(os.path.normpath(base / name)) for name in named if name]
    return sorted({path.relative_to(base).as_posix() if path.is_relative_to(base) else path.name for path in paths})


def messages_of(copy: Copy, found: list[dict]) -> tuple[list[dict], list[str]]:
    messages, foreign, named = [], [], set()
    for entry in found:
        message = entry.get("message") or {}
        if entry.get("reason") != "compiler-message" or (message.get("code") or {}).get("code") != "deprecated":
            continue
        match = MESSAGE.match(message["message"])
        if not match:
            foreign.append(message["message"])
            continue
        kind, item, definition, exported = match.groups()
        item = item or "crate"
        inner = next(span for span in message["spans"] if span["is_primary"])
        macros, outer = [], inner
        while outer.get("expansion"):
            macros.append(outer["expansion"]["macro_decl_name"])
            outer = outer["expansion"]["span"]
        place, body = copy.place(outer), copy.place(inner) if macros else None
        if place is None:
            foreign.append(message["message"])
            continue
        at = body or place
        before = copy.before(at)
        row = {**place, "kind": kind, "item": item, "definition": definition, "before": before,
               "type_relative": kind in OF_A_TYPE,
               "in_macro": bool(macros), "source": copy.text_of(place)}
        if exported:
            row["exported"] = True
        if "macro" not in kind and not is_below(item, definition):
            row["elsewhere"] = True
        if macros:
            row["macros"] = macros
        if body and (body["file"], body["line"]) != (place["file"], place["line"]):
            row["body"] = body
        messages.append(row)
        named.add((at["file"], at["line"], at["column"]))
    for row in messages:
        at = row.get("body", row)
        head = copy.head(at, row["kind"])
        is_named = head is not None and row["item"].split("::")[-2:-1] == [head[0]]
        if row["type_relative"] and is_named and (at["file"], *head[1:]) not in named:
            # rustc names the type of `Type::f` apart, but not the trait of `Trait::f`, which is resolved as one path.
            row["type_relative"] = False
        elif "variant" in row["kind"] and head and not is_named and head[0][0].isupper():
            # `Self::Variant`, or of an alias, not of a module. What a renamed import names is at the import too.
            row["type_relative"] = True
    return sorted(messages, key=lambda m: (m["file"], m["line"], m["column"], m["kind"], m["item"])), foreign


def is_below(item: str, definition: str) -> bool:
    """Whether rustc's own path of an item lies directly in the module of our note: a check of the annotation."""
    segments, inside = item.split("::"), definition.split("::")[1:]
    below = segments[len(inside) :]
    return segments[: len(inside)] == inside and not (len(below) > 1 and below[0][:1].islower())


# --- stats ---------------------------------------------------------------------------------------------------------


def stats(args: argparse.Namespace) -> int:
    for out in args.out:
        print_stats(json.loads(Path(out).read_text()))
    return 0


def print_stats(truth: dict) -> None:
    messages = truth["messages"]
    relative = sum(m["type_relative"] for m in messages)
    every, paths = set(pairs_of(truth, messages)), set(pairs_of(truth, [m for m in messages if is_path(m)]))
    print(f"{truth['package']} ({' '.join(truth['features']) or 'default features'}, {truth['rustc']})")
    compiled = {file for file in truth["files"] if file.endswith(".rs")}
    mounted = {mount["file"] for mount in truth["mounts"] if mount["active"]}
    print(f"  {len(compiled)} files, {len(truth['inline'])} inline modules")
    print(f"  {len(messages)} messages, {relative} type-relative ({relative / max(len(messages), 1):.0%}), "
          f"{sum(m['in_macro'] for m in messages)} in macros, {len(truth['without_note'])} without our note")
    print(f"  {len(every)} pairs (file, module), {len(paths)} of them by a path, {len(every - paths)} only by types or macros")
    for why, count in Counter(why_missed(truth, found) for found in pairs_of(truth, messages).values()).most_common():
        print(f"  {count:7}  pairs: {why}")
    for kind, count in Counter(m["kind"] for m in messages).most_common():
        print(f"  {count:7}  {kind}")
    for message in truth["messages"]:
        if "elsewhere" in message:
            print(f"  rustc's path is not below our note: {message['item']}  {message['definition']}")
    for title, names in (("compiled, no module found", compiled - mounted), ("module found, not compiled", mounted - compiled)):
        for name in sorted(names):
            print(f"  {title}: {name}")


# --- compare -------------------------------------------------------------------------------------------------------

Pair = tuple[str, str]


def is_path(message: dict) -> bool:
    """Whether a use is a path in this file's own text, by rustc's kinds."""
    return not (message["type_relative"] or message["in_macro"] or "macro" in message["kind"])


def pairs_of(truth: dict, messages: list[dict]) -> dict[Pair, list[dict]]:
    """Uses across files' own modules. What a macro's body says belongs to the body's file."""
    pairs: dict[Pair, list[dict]] = defaultdict(list)
    for message in messages:
        file = message.get("body", message)["file"]
        if truth["own"].get(file) != message["definition"]:
            pairs[file, message["definition"]].append(message)
    return pairs


def compare(args: argparse.Namespace) -> int:
    truth, graph = json.loads(Path(args.out).read_text()), json.loads(Path(args.graph).read_text())
    every = pairs_of(truth, truth["messages"])
    ours, aside = edges_of(truth, graph)
    also = also_true(truth)
    print(f"{truth['package']}: {len(truth['messages'])} messages, {sum(map(len, ours.values()))} edges to other modules")
    for why, count in sorted(aside.items()):
        print(f"  {count:6}  edges set aside: {why}")
    unexplained = 0
    for title, chosen in (("all messages", lambda m: True), ("without type-relative", lambda m: not m["type_relative"]),
                          ("paths alone", is_path)):
        asked = set(pairs_of(truth, [m for m in truth["messages"] if chosen(m)]))
        # A pair that the narrower question leaves out is no extra: rustc confirms it.
        given = {pair for pair in ours if pair in asked or (pair not in every and pair not in also)}
        same = asked & given
        print(f"  {title:22} {len(asked):5} rustc {len(given):5} ours {len(same):5} same   "
              f"recall {len(same) / max(len(asked), 1):.4f}   precision {len(same) / max(len(given), 1):.4f}")
    apart = {pair for pair in ours if why_extra(truth, ours[pair]) in EXPLAINED_EXTRAS and pair not in every}
    print(f"  {len(apart - also):6}  of our pairs are explained by what rustc does not compile or name; precision without them "
          f"{len(set(ours) & set(every)) / max(len(set(ours) - apart - (also - set(every))), 1):.4f}")
    others = {(e["path"], e["line"]) for edges in ours.values() for e in edges if e["definition"] not in truth["compiled"]}
    missed = [(why_missed(truth, every[pair], others), pair) for pair in set(every) - set(ours)]
    extra = [(why_extra(truth, ours[pair]), pair) for pair in set(ours) - set(every) - also]
    print_classes("missed", missed)
    print_classes("extra", extra)
    for why, pair in sorted(missed):
        known = why in EXPLAINED_MISSES
        unexplained += not known
        print(f"  MISSED {pair[0]} -> {pair[1]}  [{why}]")
        for m in every[pair][: None if args.full else 1 if known else 4]:
            where = m.get("body", m)
            print(f"      {where['file']}:{where['line']}:{where['column']}  {m['kind']} `{m['item']}`  {m['source'][:100]}")
    for why, pair in sorted(extra):
        known = why in EXPLAINED_EXTRAS
        unexplained += not known
        print(f"  EXTRA  {pair[0]} -> {pair[1]}  [{why}]")
        for e in ours[pair][: None if args.full else 1 if known else 4]:
            print(f"      {e['path']}:{e['line']}  {e['importer']} -> {e['imported']} ({e['definition']})  "
                  f"{' '.join(e['kinds'])}  {' '.join(map(str, e['names']))[:60]}{said_there(truth, e)}")
    compare_lines(truth, ours, args.lines)
    return 1 if unexplained else 0


def edges_of(truth: dict, graph: dict) -> tuple[dict[Pair, list[dict]], Counter]:
    """The graph's edges by (file, defining module), without what the library's build does not see by its nature."""
    crate, strip = truth["crate"], prefix_of(truth, graph)
    scopes = {module["name"]: module["scope"] for module in graph["modules"]}
    pairs, aside = defaultdict(list), Counter()
    for edge in graph["edges"]:
        if edge["language"] != "rust":
            continue
        edge = {**edge, "path": strip + edge["path"], "definition": edge["definition"] or edge["imported"],
                "unknown": edge["definition"] is None}
        scope = edge.get("scope") or scopes.get(edge["importer"], "production")
        if edge["importer"].split("::")[0] != crate:
            aside["of another crate or target"] += 1
        elif edge["definition"].split("::")[0] != crate:
            aside["to another crate"] += 1
        elif scope != "production":
            aside[f"scope {scope}"] += 1
        elif inside(truth, edge["path"], edge["line"], "test"):
            aside["under cfg(test)"] += 1
        elif truth["own"].get(edge["path"]) == edge["definition"]:
            aside["to the file's own module"] += 1
        else:
            pairs[edge["path"], edge["definition"]].append(edge)
    return pairs, aside


def prefix_of(truth: dict, graph: dict) -> str:
    """What a path of the graph lacks in front where it was made at a member's root."""
    member = "" if truth["member"] == "." else truth["member"] + "/"
    return "" if any(module["path"].startswith(member) for module in graph["modules"]) else member


def also_true(truth: dict) -> set[Pair]:
    """Pairs that need not be found and are not wrong: a macro's call site, and an exported macro at the crate's root."""
    pairs = set()
    for message in truth["messages"]:
        definitions = [message["definition"]] + [truth["crate"]] * message.get("exported", False)
        files = {message["file"], message.get("body", message)["file"]}
        pairs |= {(file, definition) for file in files for definition in definitions}
    return pairs


def inside(truth: dict, file: str, line: int, kind: str) -> bool:
    return any(first <= line <= last for first, last in truth["ranges"].get(file, {}).get(kind, []))


EXPLAINED_MISSES = {"types alone", "name of a macro_rules", "text of a macro_rules body"}
EXPLAINED_EXTRAS = {"file not compiled here", "under inactive cfg", "in a macro_rules body", "in the arguments of a cfg_…! macro",
                    "no definition known", "defined in a module that is not compiled here"}


def why_missed(truth: dict, messages: list[dict], others: frozenset | set = frozenset()) -> str:
    """`others` are the (file, line) where we name a module that this build does not have."""
    rest = [m for m in messages if not m["type_relative"]]
    if not rest:
        return "types alone"
    if all("macro" in m["kind"] for m in rest):
        return "name of a macro_rules"
    rest = [m for m in rest if "macro" not in m["kind"]]
    if all("body" in m for m in rest):
        return "text of a macro_rules body"
    if all(m["in_macro"] for m in rest):
        return "made by another crate's macro"
    rest = [m for m in rest if not m["in_macro"]]
    if any((m["file"], m["line"]) in others for m in rest):
        return "we name the module of another cfg"
    lines = {kind: [m for m in rest if inside(truth, m["file"], m["line"], kind)] for kind in ("use", "pub use", "attribute")}
    if lines["pub use"]:
        return "re-export"
    if lines["use"]:
        return "use"
    if len(lines["attribute"]) == len(rest):
        return "in an attribute"
    if all(not m["before"] for m in rest):
        return "name without a path, through a glob" if has_glob(truth, rest[0]["file"]) else "name without a path"
    return "path"


def has_glob(truth: dict, file: str) -> bool:
    return bool(truth["ranges"].get(file, {}).get("glob use"))


def why_extra(truth: dict, edges: list[dict]) -> str:
    """One row that nothing explains is enough."""
    return min((why_edge(truth, edge) for edge in edges), key=lambda why: why in EXPLAINED_EXTRAS)


def why_edge(truth: dict, edge: dict) -> str:
    file, line = edge["path"], edge["line"]
    if file not in truth["files"]:
        return "file not compiled here"
    if inside(truth, file, line, "inactive"):
        return "under inactive cfg"
    if inside(truth, file, line, "macro_rules"):
        return "in a macro_rules body"
    if inside(truth, file, line, "cfg_macro"):
        return "in the arguments of a cfg_…! macro"
    if edge["unknown"]:
        return "no definition known"
    if "attribute" in edge["kinds"] or inside(truth, file, line, "attribute"):
        return "attribute"
    if "macro" in edge["kinds"]:
        return "macro arguments"
    if edge["definition"] not in truth["compiled"]:
        return "defined in a module that is not compiled here"
    there = [m for m in truth["messages"] if (m["file"], m["line"]) == (file, line) and is_path(m)]
    if there:
        deeper = any(m["definition"].startswith(edge["definition"] + "::") for m in there)
        return "module in passing" if deeper else "another definition than rustc's"
    if inside(truth, file, line, "use") or inside(truth, file, line, "pub use"):
        return "a use that rustc does not name"
    return "a path that rustc does not name"


def said_there(truth: dict, edge: dict) -> str:
    there = {m["definition"] for m in truth["messages"] if (m["file"], m["line"]) == (edge["path"], edge["line"])}
    return f"   rustc there: {', '.join(sorted(there))}" if there else ""


def print_classes(title: str, pairs: list[tuple[str, Pair]]) -> None:
    for why, count in sorted(Counter(why for why, _ in pairs).items(), key=lambda c: (-c[1], c[0])):
        print(f"  {count:6}  {title}: {why}")


def compare_lines(truth: dict, ours: dict[Pair, list[dict]], listed: bool) -> None:
    """Of the edges whose pair rustc confirms: does it name the module on that very line?"""
    every = pairs_of(truth, truth["messages"])
    lines = {(m.get("body", m)["file"], m.get("body", m)["line"], m["definition"]) for m in truth["messages"]}
    edges = [edge for pair in ours if pair in every for edge in ours[pair]]
    wrong = [e for e in edges if (e["path"], e["line"], e["definition"]) not in lines
             and why_edge(truth, e) not in EXPLAINED_EXTRAS]
    print(f"  {len(edges)} edges of confirmed pairs, {len(wrong)} on lines where rustc names no use of that module")
    for edge in wrong if listed else []:
        print(f"      {edge['path']}:{edge['line']}  {edge['definition']}  {' '.join(edge['kinds'])}  "
              f"{' '.join(map(str, edge['names']))[:60]}{said_there(truth, edge)}")


# --- files ---------------------------------------------------------------------------------------------------------


def files(args: argparse.Namespace) -> int:
    truth, graph = json.loads(Path(args.out).read_text()), json.loads(Path(args.graph).read_text())
    strip = prefix_of(truth, graph)
    rows = [{**m, "path": strip + m["path"]} for m in graph["modules"] if m["language"] == "rust"]
    library = [row for row in rows if row["name"].split("::")[0] == truth["crate"]]
    theirs = {file for file in truth["files"] if file.endswith(".rs")}
    ours = {row["path"] for row in library}
    inactive = {mount["file"] for mount in truth["mounts"] if not mount["active"]}
    tests = {row["path"] for row in library if row["scope"] != "production"}
    missed, extra = sorted(theirs - ours), sorted(ours - theirs)
    whys = {path: "test scope" if path in tests else "inactive cfg" if path in inactive else None for path in extra}
    print(f"{truth['package']}: {len(theirs)} files rustc, {len(ours)} ours, {len(theirs & ours)} same")
    for why, count in Counter(why for why in whys.values() if why).items():
        print(f"  {count:6}  ours only: {why}")
    for path in missed:
        print(f"  MISSED {path}")
    for path in extra:
        if whys[path] is None:
            print(f"  EXTRA  {path}")
    names = {(m["module"], m["file"]) for m in truth["mounts"]} | {tuple(row) for row in truth["inline"]}
    given = {(row["name"], row["path"]) for row in library}
    differ = sorted(row for row in names - given if row[1] in theirs), sorted(row for row in given - names if row[1] in theirs)
    for title, modules in zip(("module theirs only", "module ours only"), differ):
        for name, path in modules:
            print(f"  {title}  {name}  {path}")
    return 1 if missed or any(why is None for why in whys.values()) or any(differ) else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("record")
    one.set_defaults(run=record)
    one.add_argument("crate_dir")
    one.add_argument("out")
    one.add_argument("--features", metavar="LIST")
    one.add_argument("--all-features", action="store_true")
    one.add_argument("--no-default-features", action="store_true")
    one.add_argument("--target-dir", metavar="DIR", help="keep what was built, for the next run")
    one.add_argument("--keep", metavar="DIR", help="leave the annotated copy below this directory")
    one.add_argument("--leave", metavar="MACRO", action="append", default=[], help="annotate nothing in this macro's arguments")
    for name, function in (("files", files), ("compare", compare)):
        one = commands.add_parser(name)
        one.set_defaults(run=function)
        one.add_argument("out")
        one.add_argument("graph")
    one.add_argument("--lines", action="store_true", help="list edges on lines that rustc does not name")
    one.add_argument("--full", action="store_true", help="every line of each pair")
    one = commands.add_parser("stats")
    one.set_defaults(run=stats)
    one.add_argument("out", nargs="+")
    args = parser.parse_args()
    return args.run(args)


if __name__ == "__main__":
    sys.exit(main())
