#!/usr/bin/env python3
"""Compares `[[layers]]` and `[[independent]]` with import-linter: the same verdict on the same random contracts.

    python3 layers.py IMPORTLAW DIR PACKAGE NUMBER SEED     contracts over DIR/PACKAGE, an unpacked wheel
    python3 layers.py IMPORTLAW --synthetic NUMBER SEED     over small random packages, made for the occasion

Needs import-linter from PyPI. Compared are: kept or broken; which layers (members) are entered that must not be, by
whom, and the length of the shortest chain into each; undeclared children of exhaustive containers. Never the chains:
import-linter's choice depends on the hash seed; of ours every hop must be an import, and the modules between the ends in
no layer. Closed layers, which import-linter cannot write, are compared with grimp.

Mutants: some contracts are drawn with what they need in `ignore_imports` to be kept, and drawn again without one of
these; at the end imports against the order are written into a copy of the tree and everything is compared once more.

Which edges there are is the subject of `edges.py`: here grimp's graph is first given ours, and how many edges that
changes is printed. Exit code 1 if anything differs.
"""

import copy
import json
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import grimp
from importlinter.configuration import configure
from importlinter.contracts.independence import IndependenceContract
from importlinter.contracts.layers import LayersContract


def main() -> int:
    configure()
    importlaw, directory, *rest = sys.argv[1:]
    with tempfile.TemporaryDirectory() as scratch:
        if directory == "--synthetic":
            number, seed = map(int, rest)
            root, packages = Path(scratch, "original"), [f"pkg{at:04}" for at in range((number + 4) // 5)]
            for name in packages:
                make_package(root, name, random.Random(f"{seed} {name}"))
        else:
            root, packages, number, seed = Path(directory).resolve(), [rest[0]], int(rest[1]), int(rest[2])
        rng = random.Random(seed)
        document = our_graph(importlaw, root)
        graphs, aligned = their_graphs(root, packages, document)
        contracts: list[dict] = []
        while len(contracts) < number:
            contracts += draw(rng, graphs, packages[len(contracts) % len(packages)])
        label = f"{', '.join(packages[:3])}{' …' if packages[3:] else ''} ({len(packages)} packages)"
        print(f"{label}: {aligned} edges aligned first")
        before = compare(importlaw, root, document, graphs, contracts)
        print(f"  {summary(before)}; {sum('without' in contract for contract in contracts)} contracts less an ignore")

        mutated = Path(scratch, "mutated")
        shutil.copytree(root, mutated)
        inserted = insert_imports(rng, mutated, document, graphs, contracts, before)
        document = our_graph(importlaw, mutated)
        graphs, _ = their_graphs(mutated, packages, document)
        after = compare(importlaw, mutated, document, graphs, contracts)
        flipped = sum(b["broken"] != a["broken"] for b, a in zip(before, after))
        print(f"  {inserted} imports inserted: {summary(after)}; {flipped} verdicts changed")
    return 1 if any(row["differs"] for row in before + after) else 0


def summary(rows: list[dict]) -> str:
    count = {key: sum(row[key] for row in rows) for key in ("broken", "differs", "findings")}
    return (f"{len(rows)} contracts, {count['broken']} broken, {count['differs']} differ "
            f"({count['findings']} findings, their chains followed)")


def compare(importlaw: str, root: Path, document: dict, graphs: dict, contracts: list[dict]) -> list[dict]:
    found = our_findings(importlaw, root, contracts)
    rows = []
    for at, contract in enumerate(contracts):
        theirs = their_answer(graphs[contract["package"]], contract)
        ours, problems = our_answer(document, contract, found.get(f"c{at}", []))
        if ours["broken"] != theirs["broken"] or ours["undeclared"] != theirs["undeclared"]:
            problems.append("the verdicts differ")
        for to in sorted(ours["entered"].keys() | theirs["entered"].keys()):
            mine, other = ours["entered"].get(to, {}), theirs["entered"].get(to, {})
            if min(mine.values(), default=0) != min(other.values(), default=0):
                problems.append(f"{to}: the shortest chains differ: {mine}, {other}")
            if not mine.keys() <= other.keys():
                problems.append(f"{to}: only ours is entered from {sorted(mine.keys() - other.keys())}")
        for problem in problems:
            print(f"DIFFERS  {contract}\n    {problem}")
        rows.append({"broken": theirs["broken"], "differs": bool(problems), "findings": len(found.get(f"c{at}", []))})
    return rows


def inside(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


# --- Graphs --------------------------------------------------------------------------------------------------------


def our_graph(importlaw: str, root: Path) -> dict:
    command = [importlaw, "graph", "-C", str(root), "--format", "json"]
    document = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    edges = (edge for edge in document["edges"] if "expected" not in edge["kinds"])
    document["pairs"] = {(edge["importer"], edge["imported"]) for edge in edges if edge["importer"] != edge["imported"]}
    document["names"] = {module["name"]: module["path"] for module in document["modules"]}
    return document


def their_graphs(root: Path, packages: list[str], document: dict) -> tuple[dict, int]:
    """grimp's graph of each package with our modules and edges; and how many edges that changed."""
    sys.path.insert(0, str(root))
    graphs, changed = {}, 0
    for package in packages:
        # What an earlier tree had under this name must not be found again.
        for module in [name for name in sys.modules if inside(name, package)]:
            del sys.modules[module]
        graph = graphs[package] = grimp.build_graph(package, cache_dir=None)
        for name in document["names"]:
            if inside(name, package) and name not in graph.modules:
                graph.add_module(name)
        ours = {pair for pair in document["pairs"] if inside(pair[0], package) and inside(pair[1], package)}
        theirs = {(a, b) for a in graph.modules for b in graph.find_modules_directly_imported_by(a)}
        for importer, imported in theirs - ours:
            graph.remove_import(importer=importer, imported=imported)
        for importer, imported in ours - theirs:
            graph.add_import(importer=importer, imported=imported)
        changed += len(theirs ^ ours)
    sys.path.remove(str(root))
    return graphs, changed


# --- Contracts -----------------------------------------------------------------------------------------------------


def draw(rng: random.Random, graphs: dict, package: str) -> list[dict]:
    """A contract, sometimes with what it needs to be kept, and then one without a part of that."""
    graph = graphs[package]
    contract = draw_independent(rng, graph, package) if rng.random() < 0.25 else draw_layers(rng, graph, package)
    if contract is None:
        return []
    if rng.random() < 0.5:
        contract["ignored"] = ignores_to_keep(rng, graph, contract)
    if contract["ignored"] and rng.random() < 0.7:
        less = copy.deepcopy(contract)
        less["without"] = less["ignored"].pop(rng.randrange(len(less["ignored"])))
        return [contract, less]
    return [contract]


def children(graph: grimp.ImportGraph, name: str) -> list[str]:
    return sorted(tail for child in graph.find_children(name) if (tail := child.rpartition(".")[2]).isidentifier())


def draw_layers(rng: random.Random, graph: grimp.ImportGraph, package: str) -> dict | None:
    parents = sorted(m for m in graph.modules if len(children(graph, m)) > 1 and m.replace(".", "_").isidentifier())
    if not parents:
        return None
    containers = [package if rng.random() < 0.3 else rng.choice(parents)]
    expression = list(containers)
    if rng.random() < 0.3:
        containers.append(rng.choice(parents))
        containers = sorted(c for c in set(containers) if not any(c != d and inside(c, d) for d in containers))
        expression = list(containers)
    elif rng.random() < 0.2:
        expression = [containers[0] + ".*"]
        below = (f"{containers[0]}.{child}" for child in children(graph, containers[0]))
        containers = [name for name in below if children(graph, name)]
        if not containers:
            return None
    pool = sorted({tail for container in containers for tail in children(graph, container)})
    tails = rng.sample(pool, min(len(pool), rng.randint(2, 8)))
    if rng.random() < 0.2:
        deep = tails[0]
        grand = [t for c in containers if f"{c}.{deep}" in graph.modules for t in children(graph, f"{c}.{deep}")]
        if grand:
            tails[0] = f"{deep}.{rng.choice(grand)}"
    if rng.random() < 0.5:
        # Downwards as far as counting can tell, so that not every contract is broken.
        tails.sort(key=lambda tail: sum(incoming_share(graph, f"{c}.{tail}") for c in containers))
    if rng.random() < 0.15:
        tails.insert(rng.randrange(len(tails)), "not_there")
    order, at = [], 0
    while at < len(tails):
        size = rng.choice([1, 1, 1, 2, 3])
        order.append((rng.choice("|:"), tails[at : at + size]))
        at += size
    optional = [t for t in tails if any(f"{c}.{t}" not in graph.modules for c in containers) or rng.random() < 0.1]
    contract = {"kind": "layers", "package": package, "order": order, "optional": optional, "containers": containers,
                "within": expression, "exhaustive": rng.random() < 0.1, "closed": [], "ignored": []}
    if rng.random() < 0.2:
        contract["closed"] = [line[1][0] for line in order[1:-1] if rng.random() < 0.7]
        contract["exhaustive"] = False
    if len(containers) == 1 and len(expression) == 1 and "*" not in expression[0] and rng.random() < 0.3:
        contract |= {"within": [], "exhaustive": False}
    return contract


def incoming_share(graph: grimp.ImportGraph, name: str) -> float:
    modules = {name, *graph.find_descendants(name)} if name in graph.modules else set()
    entering = {a for m in modules for a in graph.find_modules_that_directly_import(m)} - modules
    leaving = {b for m in modules for b in graph.find_modules_directly_imported_by(m)} - modules
    return (len(entering) - len(leaving)) / (len(entering) + len(leaving) + 1)


def draw_independent(rng: random.Random, graph: grimp.ImportGraph, package: str) -> dict | None:
    names = sorted(m for m in graph.modules if m != package and m.replace(".", "_").isidentifier())
    if rng.random() < 0.4:
        parents = [m for m in sorted(graph.modules) if children(graph, m)]
        if not parents:
            return None
        parent = rng.choice(parents)
        expressions, members = [f"{parent}.*"], sorted(graph.find_children(parent))
        if any(not member.replace(".", "_").isidentifier() for member in members):
            return None
    else:
        members = []
        for name in rng.sample(names, min(len(names), rng.randint(2, 6))):
            if not any(inside(name, other) or inside(other, name) for other in members):
                members.append(name)
        expressions = members = sorted(members)
    return {"kind": "independent", "package": package, "modules": expressions, "members": members, "ignored": []}


def ignores_to_keep(rng: random.Random, graph: grimp.ImportGraph, contract: dict) -> list[tuple[str, str]]:
    """Edges of illegal chains, one a chain, until there is none; or, where that takes too many, some of them."""
    trial = copy.deepcopy(contract)
    for _ in range(8):
        more = set()
        for dependency in dependencies(without_ignored(graph, trial), trial):
            for route in dependency.routes:
                heads, tails = sorted(route.heads), sorted(route.tails)
                if route.middle:
                    chain = [heads[0], *route.middle, tails[0]]
                    more |= ({(head, route.middle[0]) for head in heads} if rng.random() < 0.5 else set())
                    more |= {(route.middle[-1], tail) for tail in tails} if not more else set()
                    more |= set([rng.choice(list(zip(chain, chain[1:])))])
                else:
                    more |= {(head, tail) for head in heads for tail in tails}
        nameable = {m for m in graph.modules if m.replace(".", "_").isidentifier()}
        pairs = {(a, b) for a in nameable for b in graph.find_modules_directly_imported_by(a) if b in nameable}
        more = sorted(more & pairs)
        if not more or len(trial["ignored"]) > 300:
            break
        trial["ignored"] += [edge for edge in more if edge not in trial["ignored"]]
    return sorted(trial["ignored"])


# --- Their side ----------------------------------------------------------------------------------------------------


def without_ignored(graph: grimp.ImportGraph, contract: dict) -> grimp.ImportGraph:
    graph = copy.deepcopy(graph)
    for importer, imported in contract["ignored"]:
        if graph.direct_import_exists(importer=importer, imported=imported):
            graph.remove_import(importer=importer, imported=imported)
    return graph


def dependencies(graph: grimp.ImportGraph, contract: dict) -> set:
    if contract["kind"] == "independent":
        members = [member for member in contract["members"] if member in graph.modules]
        return graph.find_illegal_dependencies_for_layers(layers=[grimp.Layer(*members)])
    lines = []
    for joint, tails in contract["order"]:
        independent = joint == "|" or len(tails) == 1
        whole = tails if contract["within"] else [f"{contract['containers'][0]}.{tail}" for tail in tails]
        lines.append(grimp.Layer(*whole, independent=independent, closed=bool({*tails} & {*contract["closed"]})))
    containers = set(contract["containers"]) if contract["within"] else None
    return graph.find_illegal_dependencies_for_layers(layers=lines, containers=containers)


def their_answer(graph: grimp.ImportGraph, contract: dict) -> dict:
    entered: dict[str, dict[str, int]] = {}
    for dependency in dependencies(without_ignored(graph, contract), contract):
        length = min(len(route.middle) for route in dependency.routes) + 1
        entered.setdefault(dependency.imported, {})[dependency.importer] = length
    answer = {"broken": bool(entered), "undeclared": [], "entered": entered}
    if contract["kind"] == "independent" or not contract["closed"]:
        check = linter_contract(contract).check(graph=copy.deepcopy(graph), verbose=False)
        answer |= {"broken": not check.kept, "undeclared": sorted(check.metadata.get("undeclared_modules", []))}
    return answer


def linter_contract(contract: dict) -> LayersContract | IndependenceContract:
    options = {
        "ignore_imports": [f"{a} -> {b}" for a, b in contract["ignored"]],
        "unmatched_ignore_imports_alerting": "none",
    }
    session = {"root_packages": [contract["package"]]}
    if contract["kind"] == "independent":
        options |= {"modules": contract["modules"]}
        return IndependenceContract(name="c", session_options=session, contract_options=options)
    options |= {"layers": lines(contract), "exhaustive": str(contract["exhaustive"])}
    if contract["within"]:
        # A wildcard of import-linter's takes modules for containers too; its result is the same.
        options["containers"] = contract["containers"]
    return LayersContract(name="c", session_options=session, contract_options=options)


def lines(contract: dict) -> list[str]:
    prefix = "" if contract["within"] else contract["containers"][0] + "."

    def shown(tail: str) -> str:
        return f"({prefix}{tail})" if tail in contract["optional"] else prefix + tail

    return [f" {joint} ".join(map(shown, tails)) for joint, tails in contract["order"]]


# --- Our side ------------------------------------------------------------------------------------------------------


def our_findings(importlaw: str, root: Path, contracts: list[dict]) -> dict[str, list[dict]]:
    """The findings that nothing excuses, by contract."""
    text = ["version = 1"]
    for at, contract in enumerate(contracts):
        text += [f"[[{contract['kind']}]]", f'id = "c{at}"']
        text.append(f"except = {json.dumps([f'={a} -> ={b}' for a, b in contract['ignored']])}")
        if contract["kind"] == "independent":
            text.append(f"modules = {json.dumps(contract['modules'])}")
            continue
        prefix = "" if contract["within"] else contract["containers"][0] + "."
        text += [f"order = {json.dumps(lines(contract))}", f"within = {json.dumps(contract['within'])}",
                 f"exhaustive = {str(contract['exhaustive']).lower()}",
                 f"closed = {json.dumps([prefix + name for name in contract['closed']])}"]
    with tempfile.TemporaryDirectory() as scratch:
        registry = Path(scratch, "importlaw.toml")
        registry.write_text("\n".join(text) + "\n", encoding="utf-8")
        command = [importlaw, "check", "-C", str(root), "--registry", str(registry), "--format", "json"]
        run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode not in (0, 1):
        sys.exit(run.stderr)
    found: dict[str, list[dict]] = {}
    for violation in json.loads(run.stdout)["violations"]:
        if violation["kind"] in ("layers", "independent") and violation["status"] == "new":
            found.setdefault(violation["rule"], []).append(violation)
    return found


def our_answer(document: dict, contract: dict, found: list[dict]) -> tuple[dict, list[str]]:
    """What the findings say, and what is wrong with their chains."""
    names, pairs = document["names"], document["pairs"]
    entered: dict[str, dict[str, int]] = {}
    undeclared, problems = [], []
    for finding in found:
        if not finding["importer"]:
            undeclared.append(finding["message"].split("`")[1])
            continue
        ends = [edge["imported"] for edge in document["edges"] if at_line(edge, finding)]
        hops = [(hop["importer"], hop["imported"]) for hop in finding["chain"]]
        hops = hops or [(finding["importer"], max(ends, key=len, default=finding["written"]))]
        start, end = hops[0][0], hops[-1][1]
        pair = next(((a, b) for a, b in member_pairs(contract) if inside(start, a) and inside(end, b)), None)
        if pair is None:
            problems.append(f"no member at the ends of {hops}")
            continue
        lengths = entered.setdefault(pair[1], {})
        lengths[pair[0]] = min(len(hops), lengths.get(pair[0], len(hops)))
        problems += [f"no import {hop} in {hops}" for hop in hops if hop not in pairs]
        home = next(group for group in groups(contract) if pair[0] in group)
        problems += [f"{module} between the ends of {hops} is listed"
                     for module, _ in hops[1:] if any(inside(module, member) for member in home)]
        problems += [f"{module} is no module" for module, _ in hops if module not in names]
    broken = bool(entered or undeclared)
    return {"broken": broken, "undeclared": sorted(undeclared), "entered": entered}, problems


def at_line(edge: dict, finding: dict) -> bool:
    place = (edge["importer"], edge["line"], edge["path"]) == (finding["importer"], finding["line"], finding["path"])
    return place and inside(finding["written"].removesuffix(".*"), edge["imported"])


def groups(contract: dict) -> list[list[str]]:
    """The members by their whole names, for each container."""
    if contract["kind"] == "independent":
        return [contract["members"]]
    tails = [tail for _, line in contract["order"] for tail in line]
    return [[f"{container}.{tail}" for tail in tails] for container in contract["containers"]]


def member_pairs(contract: dict) -> list[tuple[str, str]]:
    return [(a, b) for group in groups(contract) for a in group for b in group if a != b]


# --- Trees ---------------------------------------------------------------------------------------------------------


def insert_imports(
    rng: random.Random, root: Path, document: dict, graphs: dict, contracts: list[dict], before: list[dict]
) -> int:
    """Writes an import against the order into the tree for some kept contracts; sometimes over a module of no layer."""
    inserted = 0
    kept = [contract for contract, row in zip(contracts, before) if not row["broken"]]
    for contract in rng.sample(kept, max(1, len(kept) // 4)) if kept else []:
        known = (name for name in graphs[contract["package"]].modules if name in document["names"])
        names = sorted(name for name in known if all(part.isidentifier() for part in name.split(".")))
        members = [[n for n in names if inside(n, member)] for member in groups(contract)[0]]
        members = [member for member in members if member]
        if len(members) < 2:
            continue
        # The lower one is the later: members stand in the order of the layers.
        higher, lower = sorted(rng.sample(range(len(members)), 2))
        importer, imported = rng.choice(members[lower]), rng.choice(members[higher])
        unlisted = [n for n in names if not any(n in member for member in members)]
        way = [importer, rng.choice(unlisted), imported] if unlisted and rng.random() < 0.5 else [importer, imported]
        for a, b in zip(way, way[1:]):
            path = root / document["names"][a]
            if a != b and path.suffix == ".py":
                with path.open("a", encoding="utf-8") as file:
                    file.write(f"\nimport {b}\n")
                inserted += 1
    return inserted


def make_package(root: Path, name: str, rng: random.Random) -> None:
    """A random tree whose imports mostly lead downwards: packages of a few modules, functions, parents, cycles."""
    packages, modules = [name], []
    for at in range(rng.randint(6, 24)):
        parent = rng.choice(packages)
        child = f"{parent}.{'abcdefgh'[at % 8]}{at if rng.random() < 0.3 else ''}"
        if child not in packages + modules:
            (packages if rng.random() < 0.4 and parent.count(".") < 3 else modules).append(child)
    everything = sorted(packages + modules)
    upwards = rng.choice([0.02, 0.1, 0.3])
    for at, module in enumerate(everything):
        text = ["X = 1"]
        for _ in range(rng.choice([0, 0, 1, 1, 2, 3])):
            pool = everything if rng.random() < upwards else everything[at + 1 :]
            target = rng.choice(pool) if pool else module
            statement = import_of(rng, target)
            text += [f"def f{len(text)}():", f"    {statement}"] if rng.random() < 0.2 else [statement]
        path = root / Path(*module.split("."))
        path = path / "__init__.py" if module in packages else path.with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(text) + "\n", encoding="utf-8")


def import_of(rng: random.Random, target: str) -> str:
    parent, _, last = target.rpartition(".")
    forms = [f"import {target}", f"from {target} import X", f"from {target} import X as y, X as z"]
    if parent:
        forms += [f"from {parent} import {last}", f"from {parent} import {last} as t, X"]
    return rng.choice(forms)


if __name__ == "__main__":
    sys.exit(main())
