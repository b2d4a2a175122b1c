#!/usr/bin/env python3
"""Compares which imports a file holds, on which lines, and whether it parses, with CPython's own `ast`.

    python3 imports.py IMPORTLAW DIR...

Standard library only. Run by the Python version to compare with; importlaw is told that version by a registry of this
script's own. Reads `graph --external --format json` (every import that leads somewhere), `check --format json` (those
that lead nowhere, and the files that do not parse). Exit code 1 for any difference that has no class.
"""

import ast
import json
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from pathlib import Path


def main() -> int:
    importlaw, *roots = sys.argv[1:]
    return max([compare(importlaw, Path(root).resolve()) for root in roots], default=2)


def run(importlaw: str, root: Path, *arguments: str) -> dict:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as registry:
        registry.write(f'version = 1\n[python]\nversion = "{version}"\n[checks]\nrelative-beyond-root = "error"\n')
        registry.flush()
        command = [importlaw, *arguments, "-C", str(root), "--registry", registry.name, "--format", "json"]
        done = subprocess.run(command, capture_output=True, check=False)
    if not done.stdout:
        sys.exit(f"{root}: {done.stderr.decode()}")
    return json.loads(done.stdout)


def compare(importlaw: str, root: Path) -> int:
    warnings.simplefilter("ignore")
    graph = run(importlaw, root, "graph", "--external")
    report = run(importlaw, root, "check")
    ours: dict[str, set[int]] = {}
    names: dict[tuple[str, int], set[str]] = {}
    for edge in graph["edges"]:
        if set(edge["kinds"]) & {"dynamic", "string", "access"}:
            continue
        ours.setdefault(edge["path"], set()).add(edge["line"])
        names.setdefault((edge["path"], edge["line"]), set()).update(edge["names"])
    for place in [*report["violations"], *report["unknown"]]:
        rule = place["rule"]
        if rule in ("unresolved-import", "relative-beyond-root", "scope-leak") and place.get("target") != "<computed>":
            ours.setdefault(place["path"], set()).add(place["line"])
            target = place.get("target") or place.get("written") or ""
            names.setdefault((place["path"], place["line"]), set()).add(target.rpartition(".")[2])
    unparsed = {problem["path"]: problem for problem in report["unparsed"]}
    counts: Counter[str] = Counter()
    unexplained = []
    for path in sorted({module["path"] for module in graph["modules"]}):
        if not path.endswith((".py", ".pyi")):
            continue
        source = (root / path).read_bytes()
        error, tree = None, None
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError) as failure:
            error = f"{type(failure).__name__}: {failure}"
        counts["files"] += 1
        if error:
            counts["files that CPython does not parse"] += 1
            if path in unparsed:
                counts["… and neither do we"] += 1
            else:
                unexplained.append(f"{path}: CPython alone does not parse it: {error}")
            continue
        if path in unparsed:
            problem = unparsed[path]
            unexplained.append(f"{path}:{problem['line']}: we alone do not parse it: {problem['message']}")
        module = path.removesuffix(".py").removesuffix(".pyi").replace("/", ".").removesuffix(".__init__")
        theirs: dict[int, set[str]] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                counts["statements"] += 1
                for alias in node.names:
                    counts["names"] += 1
                    theirs.setdefault(alias.lineno, set())
                    if isinstance(node, ast.ImportFrom):
                        theirs[alias.lineno].add(alias.name)
        for line in sorted(ours.get(path, set()) - theirs.keys()):
            unexplained.append(f"{path}:{line}: we alone see an import")
        for line in sorted(theirs.keys() - ours.get(path, set())):
            if leads_to_itself(tree, line, module, path.endswith(("__init__.py", "__init__.pyi"))):
                counts["names that lead to the importing module: no edge"] += 1
            elif is_expected_to_fail(tree, line):
                counts["expected to fail, and missing: neither an edge nor a finding"] += 1
            else:
                unexplained.append(f"{path}:{line}: CPython alone sees an import of {sorted(theirs[line])}")
        for line, wanted in theirs.items():
            missing = wanted - names.get((path, line), set())
            if missing and line in ours.get(path, set()) and not leads_to_itself(
                tree, line, module, path.endswith(("__init__.py", "__init__.pyi"))
            ):
                unexplained.append(f"{path}:{line}: we see no {sorted(missing)}")
    print(root.name, dict(counts))
    for line in unexplained:
        print("  UNEXPLAINED", line)
    return 1 if unexplained else 0


def leads_to_itself(tree: ast.Module, line: int, module: str, package: bool) -> bool:
    """Whether every name imported on a line is asked of the importing module, or is that module: the graph has no such edge."""
    parts = module.split(".") if package else module.split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.lineno == line and not (alias.name == module or module.endswith("." + alias.name)):
                    return False
        elif isinstance(node, ast.ImportFrom):
            if not any(alias.lineno == line for alias in node.names):
                continue
            base = node.module or ""
            if node.level:
                base = ".".join(parts[: len(parts) - node.level + 1] + ([base] if base else []))
            for alias in node.names:
                target = f"{base}.{alias.name}"
                if alias.lineno == line and not any(module == end or module.endswith("." + end) for end in (base, target)):
                    return False
    return True


def is_expected_to_fail(tree: ast.Module, line: int) -> bool:
    """Whether a line stands under `with pytest.raises(…)` or `with self.assertRaises(…)`."""
    return any(
        "raises" in ast.dump(item.context_expr).lower() and node.lineno < line <= (node.end_lineno or 0)
        for node in ast.walk(tree)
        if isinstance(node, ast.With)
        for item in node.items
    )


if __name__ == "__main__":
    sys.exit(main())
