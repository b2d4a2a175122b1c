#!/usr/bin/env python3
"""Compares `importlaw graph` with grimp on unpacked packages: the same set of (importer, imported).

    python3 edges.py IMPORTLAW PACKAGE_DIR...

PACKAGE_DIR is a package's own directory in an unpacked wheel (`python3 -m zipfile -e x.whl DIR`, then `DIR/x`), outside
any repository. Needs grimp from PyPI. Every difference must belong to a class that is proven from the text or the
directory listing; what belongs to none is listed, and the exit code is 1.
"""

import ast
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import grimp


def main() -> int:
    importlaw, *packages = sys.argv[1:]
    return max([compare(importlaw, Path(package).resolve()) for package in packages], default=2)


def compare(importlaw: str, package: Path) -> int:
    root, name = package.parent, package.name
    ours, modules = our_edges(importlaw, root)
    sys.path.insert(0, str(root))
    graph = grimp.build_graph(name, cache_dir=None)
    theirs = {(a, b) for a in graph.modules for b in graph.find_modules_directly_imported_by(a)}
    classes: Counter[str] = Counter()
    unexplained: list[str] = []
    for pair in sorted(set(ours) - theirs):
        why = why_ours(root, graph.modules, pair, ours[pair])
        classes[f"ours only: {why}"] += 1
        if why is None:
            unexplained.append(f"ours only    {pair[0]} -> {pair[1]}  {ours[pair][0]['path']}:{ours[pair][0]['line']}")
    for pair in sorted(theirs - set(ours)):
        details = graph.get_import_details(importer=pair[0], imported=pair[1])
        why = why_theirs(pair, details)
        classes[f"grimp only: {why}"] += 1
        if why is None:
            line = details[0]["line_number"] if details else "?"
            unexplained.append(f"grimp only   {pair[0]} -> {pair[1]}  line {line}")
    for module in sorted(modules.keys() - graph.modules):
        why = why_module(root, name, module, modules[module])
        classes[f"module ours only: {why}"] += 1
        if why is None:
            unexplained.append(f"module ours only   {module}")
    for module in sorted(graph.modules - modules.keys()):
        unexplained.append(f"module grimp only   {module}")
    print(f"{name}: modules {len(modules)} ours, {len(graph.modules)} grimp; "
          f"edges {len(ours)} ours, {len(theirs)} grimp, {len(set(ours) & theirs)} same")
    for what, count in sorted(classes.items()):
        print(f"  {count:6}  {what}")
    for line in unexplained:
        print(f"  UNEXPLAINED  {line}")
    return 1 if unexplained else 0


def our_edges(importlaw: str, root: Path) -> tuple[dict[tuple[str, str], list[dict]], dict[str, str]]:
    command = [importlaw, "graph", "-C", str(root), "--format", "json"]
    document = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    edges: dict[tuple[str, str], list[dict]] = {}
    for edge in document["edges"]:
        edges.setdefault((edge["importer"], edge["imported"]), []).append(edge)
    return edges, {module["name"]: module["path"] for module in document["modules"]}


def why_ours(root: Path, seen: set[str], pair: tuple[str, str], edges: list[dict]) -> str | None:
    """Why grimp has no such edge, or None."""
    if pair[0] not in seen or pair[1] not in seen:
        return "one end is a module that grimp does not see"
    if all(edge["path"].endswith(".pyi") for edge in edges):
        return "stated by a stub"
    if all("dynamic" in edge["kinds"] and is_call_line(root, edge) for edge in edges):
        return "literal dynamic import"
    if all("wildcard" in edge["kinds"] for edge in edges):
        return "submodule that `__all__` lists, taken by a wildcard"
    return None


def is_call_line(root: Path, edge: dict) -> bool:
    """Whether CPython's parser sees a call around that line, and no import statement."""
    tree = ast.parse((root / edge["path"]).read_bytes())
    spans = [(type(n), n.lineno, n.end_lineno) for n in ast.walk(tree) if isinstance(n, ast.Call | ast.Subscript)]
    statements = [n for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom)]
    return any(first <= edge["line"] <= last for _, first, last in spans) and not any(
        n.lineno <= edge["line"] <= n.end_lineno for n in statements
    )


def why_theirs(pair: tuple[str, str], details: list) -> str | None:
    """Why we have no such edge, or None."""
    if pair[0] == pair[1]:
        return "self import"
    if "." not in pair[1] and details and all(names_missing(pair, d["line_contents"]) for d in details):
        return "unresolved name below the root, laid to the root"
    return None


def names_missing(pair: tuple[str, str], line: str) -> bool:
    """Whether a statement names something deeper than the root that it was laid to."""
    try:
        (statement,) = ast.parse(line.strip()).body
    except (SyntaxError, ValueError):
        return False
    if isinstance(statement, ast.ImportFrom):
        return (statement.module or "").startswith(pair[1] + ".")
    return isinstance(statement, ast.Import) and any(alias.name.startswith(pair[1] + ".") for alias in statement.names)


def why_module(root: Path, name: str, module: str, path: str) -> str | None:
    """Why grimp does not see a module, or None."""
    parts = Path(path).parts
    if parts[0] != name:
        return "outside the package"
    if path.endswith(".pyi"):
        return "stub alone"
    if any("." in part for part in (*parts[:-1], Path(parts[-1]).stem)):
        return "a dot in a file's or directory's name"
    if any(not part.isidentifier() for part in (*parts[:-1], Path(parts[-1]).stem)):
        return "no identifier"
    above = (root / Path(*parts[:depth]) for depth in range(1, len(parts)))
    if any(not (directory / "__init__.py").exists() for directory in above):
        return "below a directory without `__init__`"
    return None


if __name__ == "__main__":
    sys.exit(main())
