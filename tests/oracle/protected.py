#!/usr/bin/env python3
"""Compares `[[protected]]` with import-linter's protected contract on generated packages: the same verdict on each.

    python3 protected.py IMPORTLAW NUMBER SEED

Needs import-linter from PyPI. Compared are, for each contract, kept or broken and the set of illegal (importer,
imported). The packages hold cycles, parents that import children, relative imports, functions and TYPE_CHECKING blocks;
the contracts nested and repeated modules, wildcards, ignored imports, and modules taken alone (`as_packages = False`,
here `=name`). Edges are read by each tool itself, and must be the same. Exit code 1 if anything differs.

Not drawn is `**`: it stands for one or more components there, for none or more here.
"""

import copy
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import grimp
from importlinter.configuration import configure
from importlinter.contracts.protected import ProtectedContract

CONTRACTS_PER_PACKAGE = 8


def main() -> int:
    importlaw, number, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    configure()
    rng = random.Random(seed)
    names = [f"pkg{at:04}" for at in range((number + CONTRACTS_PER_PACKAGE - 1) // CONTRACTS_PER_PACKAGE)]
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        for name in names:
            make_package(root, name, rng)
        sys.path.insert(0, scratch)
        graphs = {name: grimp.build_graph(name, cache_dir=None) for name in names}
        contracts = [draw(rng, names[at % len(names)], graphs) for at in range(number)]
        edges = our_edges(importlaw, root)
        found = our_findings(importlaw, root, contracts)
    differing = compare_edges(graphs, edges)
    broken = wildcards = alone = ignoring = 0
    for at, contract in enumerate(contracts):
        theirs = their_links(graphs[contract["package"]], contract)
        ours = {(importer, imported(edges, importer, written)) for importer, written in found.get(f"c{at}", [])}
        broken += bool(theirs)
        wildcards += "*" in "".join(contract["modules"] + contract["only"])
        alone += contract["alone"]
        ignoring += bool(contract["ignored"])
        if theirs != ours:
            differing += 1
            print(f"DIFFERS  {contract}\n    importlaw      {sorted(ours)}\n    import-linter  {sorted(theirs)}")
    print(f"{number} contracts on {len(names)} packages: {broken} broken, {number - broken} kept; {wildcards} with a wildcard, "
          f"{alone} of modules alone, {ignoring} with ignored imports; {differing} differ")
    return 1 if differing else 0


# --- import-linter ---------------------------------------------------------------------------------------------------


def their_links(graph: grimp.ImportGraph, contract: dict) -> set[tuple[str, str]]:
    options = {
        "protected_modules": contract["modules"],
        "allowed_importers": contract["only"],
        "ignore_imports": [f"{importer} -> {imported}" for importer, imported in contract["ignored"]],
        "as_packages": str(not contract["alone"]),
    }
    session = {"root_packages": [contract["package"]]}
    checked = ProtectedContract(name="c", session_options=session, contract_options=options).check(
        graph=copy.deepcopy(graph), verbose=False
    )
    links = [link for tree in checked.metadata["illegal_imports"] for link in tree.illegal_links]
    return {(link["importer"], link["imported"]) for link in links}


# --- importlaw -------------------------------------------------------------------------------------------------------


def our_edges(importlaw: str, root: Path) -> set[tuple[str, str]]:
    command = [importlaw, "graph", "-C", str(root), "--format", "json"]
    document = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return {(edge["importer"], edge["imported"]) for edge in document["edges"]}


def our_findings(importlaw: str, root: Path, contracts: list[dict]) -> dict[str, list[tuple[str, str]]]:
    """(importer, written path) of the findings that nothing excuses, by contract."""
    lines = ["version = 1"]
    for at, contract in enumerate(contracts):
        exact = "=" if contract["alone"] else ""
        lines += ["[[protected]]", f'id = "c{at}"']
        lines += [f"{key} = {json.dumps([exact + name for name in contract[key]])}" for key in ("modules", "only")]
        lines += [f"except = {json.dumps([f'={importer} -> ={imported}' for importer, imported in contract['ignored']])}"]
    registry = root / "importlaw.toml"
    registry.write_text("\n".join(lines) + "\n", encoding="utf-8")
    run = subprocess.run([importlaw, "check", "-C", str(root), "--format", "json"], capture_output=True, text=True)
    if run.returncode not in (0, 1):
        sys.exit(run.stderr)
    found: dict[str, list[tuple[str, str]]] = {}
    for violation in json.loads(run.stdout)["violations"]:
        if violation["kind"] == "protected" and violation["status"] == "new":
            found.setdefault(violation["rule"], []).append((violation["importer"], violation["written"]))
    return found


def imported(edges: set[tuple[str, str]], importer: str, written: str) -> str:
    """The deepest module on a written path that the importer has an edge to."""
    path = written
    while path and (importer, path) not in edges:
        path = path.rpartition(".")[0]
    return path or written


def compare_edges(graphs: dict[str, grimp.ImportGraph], ours: set[tuple[str, str]]) -> int:
    theirs = {
        (importer, imported)
        for graph in graphs.values()
        for importer in graph.modules
        for imported in graph.find_modules_directly_imported_by(importer)
        if importer != imported
    }
    for importer, imported in sorted(ours ^ theirs):
        print(f"EDGE DIFFERS  {importer} -> {imported}: {'importlaw' if (importer, imported) in ours else 'grimp'} only")
    return len(ours ^ theirs)


# --- Contracts and packages ------------------------------------------------------------------------------------------


def draw(rng: random.Random, package: str, graphs: dict[str, grimp.ImportGraph]) -> dict:
    graph = graphs[package]
    modules = sorted(graph.modules)
    below = [module for module in modules if module != package]
    parents = sorted({module.rpartition(".")[0] for module in below})

    def names(most: int, wildcard: float) -> list[str]:
        drawn = {rng.choice(below) for _ in range(rng.randint(1, most))}
        if rng.random() < wildcard:
            star = rng.choice(parents) + ".*"
            drawn.add(star if rng.random() < 0.8 else star + ".*")
        return sorted(drawn)

    protected = names(3, 0.3)
    links = [(importer, module) for module in below for importer in graph.find_modules_that_directly_import(module)]
    ignored = rng.sample(sorted(links), min(len(links), rng.randint(1, 3))) if rng.random() < 0.3 else []
    return {
        "package": package,
        "modules": protected,
        "only": [package] if rng.random() < 0.03 else names(rng.choice([2, 4, 10]), 0.3),
        "alone": rng.random() < 0.25,
        "ignored": [link for link in ignored if link[0] != link[1]],
    }


def make_package(root: Path, name: str, rng: random.Random) -> None:
    packages, modules = [name], []
    for at in range(rng.randint(4, 14)):
        parent = rng.choice(packages)
        child = f"{parent}.m{at}"
        (packages if rng.random() < 0.4 and parent.count(".") < 3 else modules).append(child)
    everything = packages + modules
    for module in everything:
        lines = ["from typing import TYPE_CHECKING", "", "X = 1"]
        for _ in range(rng.choice([0, 1, 1, 2, 3])):
            statement = import_of(rng, module, rng.choice(everything), module in packages)
            shape = rng.random()
            if shape < 0.2:
                lines += [f"def f{len(lines)}():", f"    {statement}"]
            elif shape < 0.3:
                lines += ["if TYPE_CHECKING:", f"    {statement}"]
            else:
                lines.append(statement)
        path = root / Path(*module.split("."))
        path = path / "__init__.py" if module in packages else path.with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def import_of(rng: random.Random, module: str, target: str, is_package: bool) -> str:
    parent, _, last = target.rpartition(".")
    forms = [f"import {target}", f"import {target} as t", f"from {target} import X"]
    if parent:
        forms += [f"from {parent} import {last}", f"from {parent} import {last} as t, X"]
    here = module if is_package else module.rpartition(".")[0]
    if parent and (here == parent or here.startswith(parent + ".")):
        dots = "." * (here.count(".") - parent.count(".") + 1)
        forms += [f"from {dots} import {last}", f"from {dots}{last} import X"]
    return rng.choice(forms)


if __name__ == "__main__":
    sys.exit(main())
