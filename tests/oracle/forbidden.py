#!/usr/bin/env python3
"""Compares `[[forbidden]]` with import-linter's forbidden contract: the same verdict on the same random contracts.

    python3 forbidden.py IMPORTLAW DIR PACKAGE NUMBER SEED     contracts over DIR/PACKAGE, an unpacked wheel
    python3 forbidden.py IMPORTLAW --synthetic NUMBER SEED     over small random packages, made for the occasion

Needs import-linter from PyPI. Compared are: kept or broken; for direct contracts the set of (importer, imported); for
indirect ones the length of the shortest chain. Never the chains: import-linter's choice depends on the hash seed.

Which edges there are is the subject of `edges.py`: here grimp's graph is first given ours, and how many edges that
changes is printed. Not drawn are contracts whose `to` lies inside `from`: import-linter skips such a pair, importlaw
forbids it to the rest of `from`. Exit code 1 if anything differs.
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
from importlinter.contracts.forbidden import ForbiddenContract


def main() -> int:
    configure()
    importlaw, directory, *rest = sys.argv[1:]
    if directory == "--synthetic":
        number, seed = map(int, rest)
        with tempfile.TemporaryDirectory() as scratch:
            names = [f"pkg{at:04}" for at in range((number + 9) // 10)]
            for name in names:
                make_package(Path(scratch), name, random.Random(f"{seed} {name}"))
            return compare(importlaw, Path(scratch), names, number, seed)
    package, number, seed = rest[0], int(rest[1]), int(rest[2])
    return compare(importlaw, Path(directory).resolve(), [package], number, seed)


def compare(importlaw: str, root: Path, packages: list[str], number: int, seed: int) -> int:
    command = [importlaw, "graph", "-C", str(root), "--format", "json", "--external"]
    document = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    sys.path.insert(0, str(root))
    graphs, aligned = {}, 0
    for package in packages:
        graphs[package] = grimp.build_graph(package, include_external_packages=True, cache_dir=None)
        aligned += align(graphs[package], package, document)
    rng = random.Random(seed)
    contracts = [draw(rng, packages[at % len(packages)], graphs[packages[at % len(packages)]]) for at in range(number)]
    ours = our_answers(importlaw, root, contracts)
    broken = differing = 0
    for at, contract in enumerate(contracts):
        graph = graphs[contract["package"]]
        theirs = their_answer(graph, contract)
        answer = answer_of(graph, contract, ours.get(f"c{at}", []))
        broken += theirs["broken"]
        if answer != theirs:
            differing += 1
            print(f"DIFFERS  {contract}\n    importlaw      {answer}\n    import-linter  {theirs}")
    print(f"{', '.join(packages[:3])}{' …' if packages[3:] else ''}: {number} contracts, {broken} broken, "
          f"{differing} differ ({len(packages)} packages, {aligned} edges aligned first)")
    return 1 if differing else 0


def align(graph: grimp.ImportGraph, package: str, document: dict) -> int:
    """Gives grimp's graph our modules and edges; returns how many edges that changed."""

    def inside(name: str) -> bool:
        return name == package or name.startswith(package + ".")

    for module in document["modules"]:
        if inside(module["name"]) and module["name"] not in graph.modules:
            graph.add_module(module["name"])
    ours = {
        (edge["importer"], edge["imported"])
        for edge in document["edges"]
        if inside(edge["importer"]) and edge["importer"] != edge["imported"] and "expected" not in edge["kinds"]
    }
    theirs = {(a, b) for a in graph.modules for b in graph.find_modules_directly_imported_by(a)}
    for importer, imported in theirs - ours:
        graph.remove_import(importer=importer, imported=imported)
    for importer, imported in ours - theirs:
        if imported not in graph.modules:
            graph.add_module(imported, is_squashed=not inside(imported))
        graph.add_import(importer=importer, imported=imported)
    return len(theirs ^ ours)


# --- Contracts -----------------------------------------------------------------------------------------------------


def draw(rng: random.Random, package: str, graph: grimp.ImportGraph) -> dict:
    internal = sorted(m for m in graph.modules if m.startswith(package + ".") and m.replace(".", "_").isidentifier())
    external = sorted(m for m in graph.modules if not m.startswith(package + ".") and m != package)
    parents = sorted({m.rsplit(".", 1)[0] for m in internal} & graph.modules)
    # Packages and leaves alike, whatever their numbers.
    pools = [internal, [m for m in internal if m.count(".") == 1], [m for m in parents if m != package] or internal]
    while True:
        source = [rng.choice(rng.choice(pools)) for _ in range(rng.randint(1, 3))]
        target = [rng.choice(rng.choice(pools)) for _ in range(rng.randint(1, 3))]
        if rng.random() < 0.15 and external:
            target[0] = rng.choice(external)
        if rng.random() < 0.15:
            target[-1] = rng.choice(parents) + ".*"
        if rng.random() < 0.1:
            source[-1] = rng.choice(parents) + ".*"
        contract = {"package": package, "from": sorted(set(source)), "to": sorted(set(target)),
                    "indirect": rng.random() < 0.5, "except": []}
        wide, narrow = (expand(graph, contract[key]) for key in ("from", "to"))
        if not wide or not narrow or any(f.startswith(s + ".") for s in wide for f in narrow):
            continue
        break
    if rng.random() < 0.5:
        edges = their_chain_edges(graph, contract)
        rng.shuffle(edges)
        contract["except"] = sorted(edges[: rng.randint(1, 3)])
    return contract


def expand(graph: grimp.ImportGraph, expressions: list[str]) -> list[str]:
    return [m for e in expressions for m in ([e] if "*" not in e else sorted(graph.find_matching_modules(e)))]


def their_chain_edges(graph: grimp.ImportGraph, contract: dict) -> list[tuple[str, str]]:
    """Edges that take part in a chain of the contract, to be excepted."""
    edges = set()
    for pair in their_pairs(graph, contract):
        for chain in pair["chains"]:
            edges |= {(link["importer"], link["imported"]) for link in chain}
    return sorted(edges)


def their_pairs(graph: grimp.ImportGraph, contract: dict) -> list[dict]:
    options = {
        "source_modules": contract["from"],
        "forbidden_modules": contract["to"],
        "allow_indirect_imports": str(not contract["indirect"]),
        "ignore_imports": [f"{a} -> {b}" for a, b in contract["except"]],
        "unmatched_ignore_imports_alerting": "none",
    }
    session = {"root_packages": [contract["package"]], "include_external_packages": "True"}
    check = ForbiddenContract(name="c", session_options=session, contract_options=options).check(
        graph=copy.deepcopy(graph), verbose=False
    )
    return check.metadata["invalid_chains"] if not check.kept else []


def their_answer(graph: grimp.ImportGraph, contract: dict) -> dict:
    pairs = their_pairs(graph, contract)
    if contract["indirect"]:
        lengths = [len(chain) for p in pairs for chain in p["chains"]]
        return {"broken": bool(pairs), "shortest": min(lengths, default=None)}
    edges = {(link["importer"], link["imported"]) for p in pairs for chain in p["chains"] for link in chain}
    return {"broken": bool(pairs), "edges": sorted(edges)}


# --- Our side ------------------------------------------------------------------------------------------------------


def our_answers(importlaw: str, root: Path, contracts: list[dict]) -> dict[str, list[dict]]:
    """The findings that nothing excuses, by contract."""
    lines = ["version = 1"]
    for at, contract in enumerate(contracts):
        package = contract["package"]
        # import-linter names an external package and means all of it.
        excepted = [f"={a} -> {'=' * (f'{b}.'.startswith(f'{package}.'))}{b}" for a, b in contract["except"]]
        lines += ["[[forbidden]]", f'id = "c{at}"', f"from = {json.dumps(contract['from'])}",
                  f"to = {json.dumps(contract['to'])}", f"indirect = {str(contract['indirect']).lower()}",
                  f"except = {json.dumps(excepted)}"]
    with tempfile.TemporaryDirectory() as scratch:
        registry = Path(scratch, "importlaw.toml")
        registry.write_text("\n".join(lines) + "\n", encoding="utf-8")
        command = [importlaw, "check", "-C", str(root), "--registry", str(registry), "--format", "json"]
        run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode not in (0, 1):
        sys.exit(run.stderr)
    found: dict[str, list[dict]] = {}
    for violation in json.loads(run.stdout)["violations"]:
        if violation["kind"] == "forbidden" and violation["status"] == "new":
            found.setdefault(violation["rule"], []).append(violation)
    return found


def answer_of(graph: grimp.ImportGraph, contract: dict, found: list[dict]) -> dict:
    if contract["indirect"]:
        return {"broken": bool(found), "shortest": min((len(v["chain"]) or 1 for v in found), default=None)}
    edges = {(v["importer"], imported(graph, v["importer"], v["written"])) for v in found}
    return {"broken": bool(found), "edges": sorted(edges)}


def imported(graph: grimp.ImportGraph, importer: str, written: str) -> str:
    """The deepest module on a written path that the importer has an edge to."""
    known = graph.find_modules_directly_imported_by(importer)
    path = written.removesuffix(".*")
    while path and path not in known:
        path = path.rpartition(".")[0]
    return path or written


# --- Synthetic packages --------------------------------------------------------------------------------------------


def make_package(root: Path, name: str, rng: random.Random) -> None:
    """A random tree of modules with random imports: cycles, parents, `__init__`s, functions, TYPE_CHECKING."""
    packages, modules = [name], []
    for at in range(rng.randint(3, 12)):
        parent = rng.choice(packages)
        child = f"{parent}.m{at}"
        (packages if rng.random() < 0.4 and parent.count(".") < 3 else modules).append(child)
    everything = packages + modules
    for module in everything:
        package = module in packages
        lines = ["from typing import TYPE_CHECKING", "X = 1"]
        for _ in range(rng.choice([0, 0, 1, 1, 2, 3])):
            statement = import_of(rng, module, rng.choice(everything), package)
            shape = rng.random()
            if shape < 0.2:
                lines += [f"def f{len(lines)}():", f"    {statement}"]
            elif shape < 0.3:
                lines += ["if TYPE_CHECKING:", f"    {statement}"]
            else:
                lines.append(statement)
        path = root / Path(*module.split("."))
        path = path / "__init__.py" if package else path.with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def import_of(rng: random.Random, module: str, target: str, package: bool) -> str:
    parent, _, last = target.rpartition(".")
    forms = [f"import {target}", f"import {target} as t", f"from {target} import X"]
    if parent:
        forms += [f"from {parent} import {last}", f"from {parent} import {last} as t, X"]
    here = module if package else module.rpartition(".")[0]
    if parent and (here == parent or here.startswith(parent + ".")):
        dots = "." * (here.count(".") - parent.count(".") + 1)
        forms += [f"from {dots} import {last}", f"from {dots}{last} import X"]
    if rng.random() < 0.1:
        forms = [f"import json, {target}", "import json.decoder", "from collections import abc"]
    return rng.choice(forms)


if __name__ == "__main__":
    sys.exit(main())
