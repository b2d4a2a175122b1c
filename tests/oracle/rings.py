#!/usr/bin/env python3
"""Asks CPython about random cyclic packages: does each module load, and does `[[entrypoint]]` say so, alone and among all?

    python3 rings.py --importlaw BINARY [--trees N] [--seed S] [--modules M]

Standard library only, POSIX. Each tree is a package of a few modules whose statements are drawn at random: imports of all
forms, bindings before and after them, guards, functions that import and are called. CPython imports each module in a forked
process of its own; our verdict is asked for each module in an entry of its own and for all of them in one. A tree on which
they differ is made smaller while they still differ, and printed. Exit code 1 if there was one.
"""

import argparse
import importlib
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

Tree = dict[str, list[str]]  # module to statements


def statement(rng: random.Random, modules: list[str]) -> str:
    """One statement; what it may fail of is an ImportError or a module's missing attribute."""
    m, name = rng.choice(modules), rng.choice("xyf")
    imports = rng.choice([f"from p.{m} import {name}", f"from p.{m} import {name}", f"import p.{m}", f"from p import {m}",
                          f"from . import {m}", f"import p.{m} as m", f"import p.{m} as m\nm.{name}", f"from p import {m}\n{m}.{name}",
                          f"from p.{m} import *", f"from p import {name}", f"from .{m} import {name} as z"])
    inner = imports.replace("\n", "\n    ")
    caught = rng.choice(["ImportError", "ImportError", "ModuleNotFoundError", "AttributeError", "Exception"])
    handler = rng.choice(["pass", "pass", "raise", f"{rng.choice('xy')} = None", f"from p.{rng.choice(modules)} import x"])
    shape = rng.random()
    if shape < 0.35:
        return f"{rng.choice('xy')} = 1"
    if shape < 0.65:
        return imports
    if shape < 0.78:
        return f"try:\n    {inner}\nexcept {caught}:\n    {handler}"
    if shape < 0.88 or "*" in inner:
        return f"def f():\n    {'pass' if '*' in inner else inner}"
    if shape < 0.94:
        return f"def g():\n    {inner}\ng()"
    return f"from p.{m} import f as h\nh()"


def draw(rng: random.Random, count: int) -> Tree:
    names = [chr(ord("a") + i) for i in range(count)]
    tree = {name: [statement(rng, [n for n in names if n != name]) for _ in range(rng.randint(1, 4))] for name in names}
    tree["__init__"] = [statement(rng, names) for _ in range(rng.choice([0, 0, 0, 1, 2]))]
    return tree


def write(tree: Tree, root: Path) -> None:
    (root / "p").mkdir(parents=True)
    for name, statements in tree.items():
        (root / "p" / f"{name}.py").write_text("".join(f"{s}\n" for s in statements))


def modules(tree: Tree) -> list[str]:
    return sorted("p" if name == "__init__" else f"p.{name}" for name in tree)


def cpython(root: Path, tree: Tree) -> dict[str, str]:
    """Module to `loads` or the exception's words."""
    found = {}
    for module in modules(tree):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            sys.path.insert(0, str(root))
            answer = "loads"
            try:
                importlib.import_module(module)
            except BaseException as error:
                answer = f"{type(error).__name__}: {error}"
            os.write(writing, answer.encode()[:4000])
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            found[module] = pipe.read().replace(str(root) + "/", "")
        os.waitpid(child, 0)
    return found


def ours(binary: str, root: Path, tree: Tree) -> dict[str, dict[str, list[str]]]:
    """Entry id to {module: messages of what stops it, or of what may}."""
    lines = ["version = 1", "[checks]"]
    lines += [f'{check} = "off"' for check in ("unresolved-import", "unparsed-file", "relative-beyond-root", "string-reference", "shadowed-module")]
    for module in modules(tree):
        lines += ["[[entrypoint]]", f'id = "{module}"', f'module = "{module}"']
    lines += ["[[entrypoint]]", 'id = "all"', 'modules = ["p"]']
    (root / "importlaw.toml").write_text("\n".join(lines) + "\n")
    done = subprocess.run([binary, "check", "-C", str(root), "--format", "json"], capture_output=True, text=True, check=False)
    try:
        report = json.loads(done.stdout)
    except json.JSONDecodeError:
        sys.exit(f"{binary} ended with {done.returncode}:\n{done.stderr}")
    said: dict[str, dict[str, list[str]]] = {}
    for violation in report["violations"]:
        for module in violation.get("stops", ()):
            said.setdefault(violation["rule"], {}).setdefault(module, []).append(violation["message"])
    for row in report["unknown"]:
        said.setdefault(row["rule"], {}).setdefault(row["target"], []).append("unknown: " + row["why"])
    return said


def differences(binary: str, tree: Tree) -> list[str]:
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(os.path.realpath(scratch), "tree")
        write(tree, root)
        real, said = cpython(root, tree), ours(binary, root, tree)
    found = []
    for module, answer in real.items():
        loads = answer == "loads"
        if not loads and not answer.startswith(("ImportError", "ModuleNotFoundError")) and "partially initialized" not in answer:
            continue
        for entry in (module, "all"):
            why = said.get(entry, {}).get(module, [])
            undecided = bool(why) and all(w.startswith("unknown") for w in why)
            if not undecided and loads == bool(why):
                form = "among all" if entry == "all" else "alone"
                found.append(f"{module} {form}: CPython {answer}; we {why or 'it starts'}")
    return found


def smaller(binary: str, tree: Tree) -> Tree:
    """Takes statements and modules away while a difference is left."""
    changed = True
    while changed:
        changed = False
        for name in sorted(tree):
            for at in range(len(tree.get(name, ()))):
                less = {**tree, name: tree[name][:at] + tree[name][at + 1 :]}
                if differences(binary, less):
                    tree, changed = less, True
                    break
    for name in sorted(tree):
        less = {n: s for n, s in tree.items() if n != name or n == "__init__"}
        if not tree[name] and differences(binary, less):
            tree = less
    return tree


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--importlaw", required=True, help="the binary")
    parser.add_argument("--trees", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--modules", type=int, default=4)
    parser.add_argument("--at-most", type=int, default=5, help="differing trees that are made smaller and printed")
    args = parser.parse_args()
    binary = str(Path(args.importlaw).resolve())
    sys.dont_write_bytecode = True
    importlib.invalidate_caches()
    differing = 0
    for number in range(args.trees):
        tree = draw(random.Random(f"{args.seed}-{number}"), args.modules)
        if not differences(binary, tree):
            continue
        differing += 1
        if differing <= args.at_most:
            tree = smaller(binary, tree)
            print(f"=== tree {number} of seed {args.seed}, made smaller")
            for line in differences(binary, tree):
                print(f"  {line}")
            for name, statements in sorted(tree.items()):
                if statements:
                    print(f"--- p/{name}.py\n" + "\n".join(statements))
            print(flush=True)
    print(f"{differing} of {args.trees} trees differ")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
