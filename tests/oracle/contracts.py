#!/usr/bin/env python3
"""Compares importlaw with import-linter on the contracts that a project has: kept or broken, as written and mutated.

    python3 contracts.py --binary IMPORTLAW [--seed N] [--inserts N] [--derived N] [--config FILE] CHECKOUT...

CHECKOUT is a project with an import-linter configuration (`setup.cfg`, `.importlinter`, `pyproject.toml`, or --config).
Needs import-linter from PyPI. Nothing is written into a checkout: all runs are on a copy in a temporary directory.

import-linter's own reader reads the configuration. Each contract is written as one entry of a registry (two where
children of an exhaustive container need no layer), all built-in checks off, and judged by both tools: by import-linter
one at a time, so that an invalid one does not hide the others, and with stale `ignore_imports` left alone, which would
stop it. What is waived counts as kept. Each tool reads the imports for itself.

Mutants of a contract: every line of `ignore_imports` taken out, all of them, one made a wildcard; two layers swapped,
the order reversed, one layer left out, `|` made `:`; source and forbidden changed over; directness, exhaustiveness,
`as_packages`, depth changed; an allowed importer less, an independent module more. Where a project has no `protected`
or `acyclic_siblings` contract some are derived from its imports, and mutated. Mutants of the tree: an import that a contract
forbids, directly or over a module between, at the end of a file, in a function or under TYPE_CHECKING; an import taken
out. After each of these all contracts are judged again. Where `import_module` calls, which grimp does not read, break a
contract as it is written, they are left out (`except-kinds`) of all that follows for that project.

Printed are a table and every difference, with the class that explains it or UNEXPLAINED; exit code 1 if one is
unexplained. `flipped alike` counts the verdicts that a mutant changed in both. A difference is explained only where the
imports that the verdict hangs on are of a class that is proven from the text or the directory listing, and where
import-linter, given these imports, agrees.
"""

import argparse
import ast
import copy
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import grimp
from grimp.application.config import settings as grimp_settings
from grimp.application.ports.packagefinder import AbstractPackageFinder
from importlinter import api
from importlinter.contracts.acyclic_siblings import AcyclicSiblingsContract
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.independence import IndependenceContract
from importlinter.contracts.layers import LayersContract
from importlinter.contracts.protected import ProtectedContract

CONTRACTS = {
    "acyclic_siblings": AcyclicSiblingsContract,
    "forbidden": ForbiddenContract,
    "independence": IndependenceContract,
    "layers": LayersContract,
    "protected": ProtectedContract,
}

# Why a verdict may differ, where ours is the right one.
EXPLAINED = {
    "namespace": "a directory without `__init__` is a package in Python; grimp does not read what lies below it",
    "stub": "a stub states the imports of a module that has no other text; grimp does not read stubs",
    "dynamic": "a literal `import_module` call is an import; grimp does not read it",
    "wildcard": "`from p import *` imports the submodules that `__all__` lists; grimp stops at `p`",
    "outside": "the chain runs through code of the project outside `root_packages`, which Python runs like the rest",
    "self": "a module that imports itself enters nothing",
    "absent": "import-linter stops at a name that does not exist; importlaw reports it, and judges the rest",
    "missing": "grimp lays the import of a module that is not there to a package above it, which is not what is named",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", required=True, help="importlaw")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--inserts", type=int, default=12, help="trees with a forbidden import (and a third less one)")
    parser.add_argument("--derived", type=int, default=4, help="contracts of each kind that the project does not have")
    parser.add_argument("--config", help="the configuration, relative to each checkout")
    parser.add_argument("checkouts", nargs="+", type=Path, metavar="CHECKOUT")
    options = parser.parse_args()
    options.binary = shutil.which(options.binary) or sys.exit(f"{options.binary}: no such program")
    options.binary = os.path.abspath(options.binary)
    rows = []
    for checkout in options.checkouts:
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as scratch:
            tree = Path(scratch, "tree", checkout.resolve().name)
            shutil.copytree(checkout, tree, symlinks=True)
            comparison = Comparison(options, Project(tree, options.config))
            comparison.run()
            rows.append(comparison.row(time.monotonic() - started))
    print_table(rows)
    return 1 if any(row["unexplained"] for row in rows) else 0


def print_table(rows: list[dict]) -> None:
    heads = ["project", "contracts", "kept/broken", "importlaw", "mutants", "verdicts", "flipped alike", "differences",
             "unexplained", "seconds"]
    lines = [heads, *([str(row[head]) for head in heads] for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(heads))]
    print()
    for at, line in enumerate(lines):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |")
        if at == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")


def inside(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


# --- The project -----------------------------------------------------------------------------------------------------


class Project:
    """A tree, its import-linter configuration and where its root packages lie."""

    def __init__(self, tree: Path, config: str | None) -> None:
        self.tree = tree
        before = os.getcwd()
        os.chdir(tree)
        try:
            read = api.read_configuration(config)
        finally:
            os.chdir(before)
        self.session = read["session_options"]
        roots = self.session["root_packages"]
        self.roots = [name.strip() for name in ([roots] if isinstance(roots, str) else roots) if name.strip()]
        self.session = {**self.session, "root_packages": self.roots}
        self.directories = {root: self.find(root) for root in self.roots}
        self.contracts, self.left_out = [], []
        for options in read["contracts_options"]:
            if options["type"] in CONTRACTS:
                self.contracts.append({"name": options["name"], "type": options["type"], "options": cleaned(options)})
            else:
                self.left_out.append(options["name"])

    def find(self, package: str) -> list[Path]:
        """The directory of a root package: beside the configuration, in `src`, or where it lies least deep. A namespace
        may have several."""
        way = Path(*package.split("."))
        places = [self.tree / way, self.tree / "src" / way]
        places += sorted(self.tree.glob(f"**/{way}"), key=lambda path: (len(path.parts), path))
        found = [place for place in dict.fromkeys(places) if place.is_dir()]
        regular = [place for place in found if (place / "__init__.py").exists()]
        return regular[:1] or found or sys.exit(f"{self.tree.name}: no directory for root package {package}")

    def flag(self, name: str) -> bool:
        return self.session.get(name) in ("True", "true")

    def graph(self) -> grimp.ImportGraph:
        grimp_settings.configure(PACKAGE_FINDER=Finder(self.directories))
        return grimp.build_graph(
            *self.roots,
            include_external_packages=self.flag("include_external_packages"),
            exclude_type_checking_imports=self.flag("exclude_type_checking_imports"),
            cache_dir=None,
        )

    def is_internal(self, name: str) -> bool:
        return any(inside(name, root) for root in self.roots)

    def file(self, module: str) -> Path | None:
        for root, directories in self.directories.items():
            if inside(module, root):
                way = module[len(root) + 1 :].split(".") if module != root else []
                for place in (directory.joinpath(*way) for directory in directories):
                    for path in (place / "__init__.py", place.with_name(f"{place.name}.py")):
                        if path.is_file() and not path.is_symlink():
                            return path
        return None


class Finder(AbstractPackageFinder):
    """Finds packages in the tree only, whatever this interpreter has loaded: it may be import-linter that is judged."""

    def __init__(self, directories: dict[str, list[Path]]) -> None:
        self.directories = directories

    def determine_package_directories(self, package_name: str, file_system: object) -> set[str]:
        return {str(path) for path in self.directories[package_name]}


LISTS = {"source_modules", "forbidden_modules", "modules", "layers", "containers", "exhaustive_ignores",
         "protected_modules", "allowed_importers", "ancestors", "skip_descendants", "ignore_imports"}


def cleaned(options: dict) -> dict:
    """The options of the contract itself; what is a list is one."""
    kept = {}
    for key, value in options.items():
        if key in LISTS:
            kept[key] = [item.strip() for item in ([value] if isinstance(value, str) else value) if item.strip()]
        elif key not in ("id", "name", "type", "unmatched_ignore_imports_alerting", "broken_contract_guidance"):
            kept[key] = value
    return kept


def is_on(options: dict, key: str, default: bool) -> bool:
    return str(options.get(key, default)).lower() == "true"


def containers(graph: grimp.ImportGraph, options: dict) -> list[str]:
    return expanded(graph, options.get("containers", []))


def expanded(graph: grimp.ImportGraph, expressions: list[str]) -> list[str]:
    return [m for e in expressions for m in ([e] if "*" not in e else sorted(graph.find_matching_modules(e)))]


def needing_no_layer(graph: grimp.ImportGraph, options: dict) -> list[str]:
    return [f"{name}.{tail}" for name in containers(graph, options) for tail in options.get("exhaustive_ignores", [])]


def tails(line: str) -> list[str]:
    return [tail.strip().strip("()") for tail in line.replace(":", "|").split("|")]


# --- import-linter ---------------------------------------------------------------------------------------------------


def their_verdict(project: Project, graph: grimp.ImportGraph, contract: dict) -> tuple[str, dict]:
    options = {**contract["options"], "unmatched_ignore_imports_alerting": "none"}
    try:
        checker = CONTRACTS[contract["type"]](
            name=contract["name"], session_options=project.session, contract_options=options
        )
        check = checker.check(copy.deepcopy(graph), verbose=False)
    except Exception as error:  # Whatever it stops with is its answer.
        return "invalid", {"message": str(getattr(error, "errors", error))}
    return ("kept" if check.kept else "broken"), check.metadata


def stale(project: Project, graph: grimp.ImportGraph, contract: dict) -> list[str]:
    return [ignored for ignored in contract["options"].get("ignore_imports", [])
            if not graph.find_matching_direct_imports(import_expression=ignored)]


# --- importlaw -------------------------------------------------------------------------------------------------------


class Importlaw:
    def __init__(self, binary: str, project: Project) -> None:
        # Its place is what makes the copy the project's root, whatever lies above it.
        self.binary, self.project, self.registry = binary, project, project.tree / "importlaw.toml"
        # The kinds of import that the contracts do not speak of.
        self.without = ["type-checking"] if project.flag("exclude_type_checking_imports") else []
        schema = json.loads(subprocess.run([binary, "registry", "schema"], check=True, capture_output=True).stdout)
        checks = schema["properties"]["checks"]["properties"]
        # import-linter judges what the root packages import, and nothing else.
        places = [place.relative_to(project.tree) for places in project.directories.values() for place in places]
        files = [f"/{place}/**" for place in places]
        self.head = ["version = 1", "[checks]", *(f'{check} = "off"' for check in sorted(checks)),
                     "[[scope]]", 'name = "roots"', f"files = {json.dumps(files)}"]
        known = [module["name"] for module in self.document()["modules"]]
        if not all(any(inside(name, root) for name in known) for root in project.roots):
            # They lie where a path of the interpreter's leads, and nothing in the tree says so.
            above = {place.parents[root.count(".")] for root, places in project.directories.items() for place in places}
            roots = sorted(str(place.relative_to(project.tree)) for place in above)
            self.head += ["[python]", f"roots = {json.dumps(roots)}"]

    def verdicts(self, graph: grimp.ImportGraph, contracts: list[dict]) -> list[tuple[str, list[dict]]]:
        """Verdict and findings of each; what makes the registry invalid is found by halving."""
        if not contracts:
            return []
        report = self.check(graph, contracts, self.head)
        if isinstance(report, str):
            if len(contracts) == 1:
                return [("invalid", [{"message": report}])]
            half = len(contracts) // 2
            return self.verdicts(graph, contracts[:half]) + self.verdicts(graph, contracts[half:])
        found: dict[str, list[dict]] = {}
        for violation in report["violations"]:
            if violation["status"] == "new":
                found.setdefault(violation["rule"].removesuffix("-placed"), []).append(violation)
        named = (found.get(f"c{at}", []) for at in range(len(contracts)))
        return [("broken" if findings else "kept", findings) for findings in named]

    def is_unmatched(self, graph: grimp.ImportGraph, contract: dict, name: str) -> bool:
        """Whether `unmatched-entry`, on unless it is switched off, tells of that name in a contract."""
        head = [line.replace('unmatched-entry = "off"', 'unmatched-entry = "error"') for line in self.head]
        report = self.check(graph, [contract], head)
        found = [] if isinstance(report, str) else report["violations"]
        return any(f"{mark}{name}`" in violation["message"] for violation in found for mark in ("`", "`="))

    def check(self, graph: grimp.ImportGraph, contracts: list[dict], head: list[str]) -> dict | str:
        """The report, or what is wrong with the registry."""
        entries = (line for at, contract in enumerate(contracts) for line in self.entry(graph, contract, f"c{at}"))
        self.registry.write_text("\n".join([*head, *entries]) + "\n", encoding="utf-8")
        command = [self.binary, "check", "-C", str(self.project.tree), "--registry", str(self.registry),
                   "--format", "json"]
        run = subprocess.run(command, capture_output=True, text=True)
        return json.loads(run.stdout) if run.returncode in (0, 1) else run.stderr

    def document(self) -> dict:
        command = [self.binary, "graph", "-C", str(self.project.tree), "--format", "json", "--external"]
        return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)

    def edges(self) -> dict[tuple[str, str], list[dict]]:
        edges: dict[tuple[str, str], list[dict]] = {}
        for edge in self.document()["edges"]:
            if not {"expected", *self.without} & set(edge["kinds"]):
                edges.setdefault((edge["importer"], edge["imported"]), []).append(edge)
        return edges

    def entry(self, graph: grimp.ImportGraph, contract: dict, name: str) -> list[str]:
        options, kind = contract["options"], contract["type"]
        alone = "" if is_on(options, "as_packages", True) else "="
        excepted = [self.exception(ignored) for ignored in options.get("ignore_imports", [])]

        def modules(key: str) -> list[str]:
            # Where `**` stands for one or more components, each module that it matches is meant for itself.
            plain = [[e] if "**" not in e else expanded(graph, [e]) for e in options.get(key, [])]
            return [alone + module for expressions in plain for module in expressions]

        if kind == "forbidden":
            keys = {"from": modules("source_modules"), "to": modules("forbidden_modules"),
                    "indirect": not is_on(options, "allow_indirect_imports", False)}
        elif kind == "layers":
            keys = {"order": options["layers"], "within": modules("containers"),
                    "exhaustive": is_on(options, "exhaustive", False)}
        elif kind == "independence":
            keys = {"modules": modules("modules")}
        elif kind == "protected":
            keys = {"modules": modules("protected_modules"), "only": modules("allowed_importers")}
        else:
            keys = {"within": modules("ancestors"), "depth": int(options.get("depth", 10))}
        keys |= {"except": excepted, "scopes": ["roots"]}
        keys["except-kinds"] = self.without
        table = {"independence": "independent", "acyclic_siblings": "acyclic"}.get(kind, kind)

        def written(name: str, keys: dict) -> list[str]:
            return [f"[[{table}]]", f'id = "{name}"', *(f"{key} = {json.dumps(value)}" for key, value in keys.items())]

        placeless = needing_no_layer(graph, options)
        if not (placeless and keys.get("exhaustive")):
            return written(name, keys)
        # An exception for a child that needs no layer would also excuse what it imports, so chains are judged without.
        exhaustive = written(f"{name}-placed", {**keys, "except": [*excepted, *placeless]})
        return written(name, {**keys, "exhaustive": False}) + exhaustive

    def exception(self, ignored: str) -> str:
        """An edge from exactly one module to exactly one; an external package is one module to import-linter."""
        importer, imported = (side.strip().replace("**", "*.**") for side in ignored.split("->", 1))
        external = "*" not in imported and not self.project.is_internal(imported)
        return f"={importer} -> {'' if external else '='}{imported}"


# --- The comparison --------------------------------------------------------------------------------------------------


class Comparison:
    def __init__(self, options: argparse.Namespace, project: Project) -> None:
        self.options, self.project = options, project
        self.ours = Importlaw(options.binary, project)
        self.rng = random.Random(f"{options.seed} {project.tree.name}")
        self.mutants = self.compared = self.flipped = 0
        self.differences: list[dict] = []
        self.contracts: list[dict] = []
        # The verdicts on the contracts as written, and those that mutants are compared with.
        self.at_first: list[tuple[str, str]] = []
        self.known: list[tuple[str, str]] = []

    def run(self) -> None:
        project, graph = self.project, self.project.graph()
        print(f"=== {project.tree.name}: {', '.join(project.roots)}")
        for name in project.left_out:
            print(f"  left out: {name}, a contract type of the project's own")
        writable = [c for c in project.contracts if "skip_descendants" not in c["options"]]
        for contract in project.contracts:
            if contract not in writable:
                print(f"  left out: {contract['name']}, `skip_descendants` cannot be written")
        for contract in writable:
            for ignored in stale(project, graph, contract):
                print(f"  stale in {contract['name']}: {ignored}")
        self.contracts = writable
        self.at_first = self.judge(graph, writable, "as written")
        self.known = list(self.at_first)
        for contract, pair in zip(writable, self.at_first):
            print(f"  {pair[0]:8} {pair[1]:8} {contract['type']}: {contract['name']}")
        self.leave_calls_out(graph)
        self.mutate_contracts(graph)
        self.mutate_tree(graph)

    def leave_calls_out(self, graph: grimp.ImportGraph) -> None:
        """Lets `import_module` calls not count any more where they broke a contract: they would break its mutants."""
        because = f"dynamic: {EXPLAINED['dynamic']}"
        if any(because in difference["why"][0] for difference in self.differences):
            self.ours.without = [*self.ours.without, "dynamic"]
            self.known = self.judge(graph, self.contracts, "without `import_module` calls")
            kept = sum(theirs == ours for theirs, ours in self.known)
            print(f"  without `import_module` calls, which count no more from here on, {kept} verdicts are the same")

    def judge(self, graph: grimp.ImportGraph, contracts: list[dict], mutant: str) -> list[tuple[str, str]]:
        """Both verdicts of each contract; differences are kept with their reason."""
        answers = self.ours.verdicts(graph, contracts)
        edges = None
        both = []
        for contract, (ours, findings) in zip(contracts, answers):
            theirs, metadata = their_verdict(self.project, graph, contract)
            self.compared += 1
            both.append((theirs, ours))
            if theirs != ours:
                edges = edges or self.ours.edges()
                why = explain(self, graph, contract, (theirs, metadata), (ours, findings), edges)
                what = contract.get("mutant", mutant)
                self.differences.append({"contract": contract["name"], "mutant": what, "why": why})
                print(f"  {'differs' if why[0] else 'UNEXPLAINED'}: {contract['name']} [{what}]\n"
                      f"      import-linter {theirs}, importlaw {ours}: {'; '.join(why[0] or why[1])}")
        return both

    def mutate_contracts(self, graph: grimp.ImportGraph) -> None:
        known = {contract["name"]: pair for contract, pair in zip(self.contracts, self.known)}
        mutants = [m for contract in self.contracts for m in contract_mutants(self.rng, self.project, graph, contract)]
        for base, more in derived(self.rng, self.project, graph, self.options.derived):
            (known[base["name"]],) = self.judge(graph, [base], "derived")
            mutants += more
        self.mutants += len(mutants)
        both = self.judge(graph, mutants, "")
        self.flipped += sum(alike(known[mutant["name"]], pair) for mutant, pair in zip(mutants, both))

    def mutate_tree(self, graph: grimp.ImportGraph) -> None:
        edits = [self.insertion(graph, at) for at in range(self.options.inserts)]
        edits += [self.removal(graph) for _ in range(self.options.inserts // 3)]
        for edit in edits:
            if edit is None:
                continue
            what, texts = edit
            before = {path: path.read_bytes() for path in texts}
            for path, text in texts.items():
                path.write_bytes(text)
            self.mutants += 1
            both = self.judge(self.project.graph(), self.contracts, what)
            self.flipped += sum(map(alike, self.known, both))
            for path, text in before.items():
                path.write_bytes(text)

    def insertion(self, graph: grimp.ImportGraph, at: int) -> tuple[str, dict[Path, bytes]] | None:
        shape = ("at the end", "in a function", "under TYPE_CHECKING")[at % 3]
        for _ in range(200):
            contract = self.rng.choice(self.contracts)
            pair = forbidden_pair(self.rng, self.project, graph, contract)
            if pair is None:
                continue
            way = list(pair)
            if self.rng.random() < 0.3:
                internal = sorted(m for m in graph.modules if self.project.is_internal(m))
                way.insert(1, self.rng.choice(needing_no_layer(graph, contract["options"]) or internal))
            texts = {}
            for importer, imported in zip(way, way[1:]):
                path = self.project.file(importer)
                if path is None or path in texts or not all(part.isidentifier() for part in imported.split(".")):
                    break
                texts[path] = path.read_bytes() + inserted(statement(self.rng, imported), shape).encode()
            else:
                return f"{' -> '.join(way)} {shape}, against {contract['name']}", texts
        return None

    def removal(self, graph: grimp.ImportGraph) -> tuple[str, dict[Path, bytes]] | None:
        ignored = [i for c in self.contracts for i in c["options"].get("ignore_imports", [])]
        matched = [m for i in ignored for m in graph.find_matching_direct_imports(import_expression=i)]
        pairs = sorted({(match["importer"], match["imported"]) for match in matched})
        for _ in range(50):
            if not pairs or self.rng.random() < 0.5:
                importer = self.rng.choice(sorted(m for m in graph.modules if self.project.is_internal(m)))
                imported = sorted(graph.find_modules_directly_imported_by(importer))
                pair = (importer, self.rng.choice(imported)) if imported else None
            else:
                pair = self.rng.choice(pairs)
            path = pair and self.project.file(pair[0])
            if path:
                lines = {d["line_number"] for d in graph.get_import_details(importer=pair[0], imported=pair[1])}
                text = without(path.read_bytes(), lines)
                if text is not None:
                    return f"{pair[0]} -> {pair[1]} taken out", {path: text}
        return None

    def row(self, seconds: float) -> dict:
        def counts(at: int) -> str:
            count = Counter(pair[at] for pair in self.at_first)
            text = f"{count['kept']}/{count['broken']}"
            return text + (f" ({count['invalid']} invalid)" if count["invalid"] else "")

        unexplained = sum(not difference["why"][0] for difference in self.differences)
        return {
            "project": self.project.tree.name, "contracts": len(self.contracts),
            "kept/broken": counts(0), "importlaw": counts(1),
            "mutants": self.mutants, "verdicts": self.compared, "flipped alike": self.flipped,
            "differences": len(self.differences), "unexplained": unexplained, "seconds": f"{seconds:.0f}",
        }


def alike(before: tuple[str, str], after: tuple[str, str]) -> bool:
    """Whether both verdicts have changed, to the same."""
    return all(b != a for b, a in zip(before, after)) and after[0] == after[1]


# --- Why they differ -------------------------------------------------------------------------------------------------


def explain(
    comparison: Comparison, graph: grimp.ImportGraph, contract: dict, theirs: tuple[str, dict],
    ours: tuple[str, list[dict]], edges: dict[tuple[str, str], list[dict]],
) -> tuple[list[str], list[str]]:
    """The classes that explain a difference, if all of it is explained; and else what is known."""
    project = comparison.project
    if "invalid" in (theirs[0], ours[0]):
        told = theirs[1]["message"] if theirs[0] == "invalid" else ours[1][0]["message"]
        absent = [word for word in re.findall(r"[\w.]*\w", told) if comparison.ours.is_unmatched(graph, contract, word)]
        if theirs[0] == "invalid" and any(word not in graph.modules for word in absent):
            return [f"absent: {EXPLAINED['absent']}"], []
        return [], [" ".join(told.split())]
    known = {(a, b) for a in graph.modules for b in graph.find_modules_directly_imported_by(a)}
    classes: set[str] = set()
    if ours[0] == "broken":
        for finding in ours[1]:
            hops = [(hop["importer"], hop["imported"]) for hop in finding["chain"]]
            hops = hops or [crossing(finding, edges)]
            # An import that leaves the root packages leads to a squashed module there.
            odd = [hop for hop in hops if hop not in known and hop in edges and project.is_internal(hop[1])]
            reasons = [why_ours(project, graph, hop, edges[hop]) for hop in odd]
            if not reasons or None in reasons:
                return [], [f"{finding['message']} {hops} {odd}"]
            classes |= set(filter(None, reasons))
    if theirs[0] == "broken":
        odd: dict[str, list[tuple[str, str]]] = {}
        for pair in sorted(known - edges.keys()):
            if (why := why_theirs(project, graph, pair)) is not None:
                odd.setdefault(why, []).append(pair)
        for why, pairs in odd.items():
            if their_verdict(project, less(graph, pairs), contract)[0] == ours[0]:
                classes.add(why)
        if not classes:
            return [], [json.dumps(theirs[1], default=str)[:600]]
    if "outside" not in classes and their_verdict(project, aligned(project, graph, edges), contract)[0] != ours[0]:
        return [], [f"import-linter does not agree when it is given these imports; {sorted(classes)}"]
    return [f"{name}: {EXPLAINED[name]}" for name in sorted(classes)], []


def crossing(finding: dict, edges: dict[tuple[str, str], list[dict]]) -> tuple[str, str]:
    """The edge at the place of a finding; the deepest, where there are several."""
    written = finding["written"].removesuffix(".*")
    ends = [b for (a, b), places in edges.items()
            if a == finding["importer"] and (inside(written, b) or inside(b, written))
            and any((e["path"], e["line"]) == (finding["path"], finding["line"]) for e in places)]
    return finding["importer"], max(ends, key=len, default=finding["written"])


def less(graph: grimp.ImportGraph, pairs: list[tuple[str, str]]) -> grimp.ImportGraph:
    graph = copy.deepcopy(graph)
    for importer, imported in pairs:
        graph.remove_import(importer=importer, imported=imported)
    return graph


def aligned(project: Project, graph: grimp.ImportGraph, edges: dict[tuple[str, str], list[dict]]) -> grimp.ImportGraph:
    """import-linter's graph with our modules and edges among the root packages."""
    graph = copy.deepcopy(graph)
    ours = {(a, b) for a, b in edges if project.is_internal(a) and project.is_internal(b) and a != b}
    for name in {name for pair in ours for name in pair} - graph.modules:
        graph.add_module(name)
    theirs = {(a, b) for a in graph.modules for b in graph.find_modules_directly_imported_by(a)}
    theirs = {(a, b) for a, b in theirs if project.is_internal(b)}
    for importer, imported in theirs - ours:
        graph.remove_import(importer=importer, imported=imported)
    for importer, imported in ours - theirs:
        graph.add_import(importer=importer, imported=imported)
    return graph


def why_ours(project: Project, graph: grimp.ImportGraph, pair: tuple[str, str], edges: list[dict]) -> str | None:
    """The class of an edge that grimp does not have, or None."""
    if not project.is_internal(pair[0]):
        return "outside"
    if all(edge["path"].endswith(".pyi") for edge in edges):
        return "stub"
    for module in pair:
        if project.is_internal(module) and module not in graph.modules:
            return "namespace" if below_namespace(project, module) else None
    if all("dynamic" in edge["kinds"] for edge in edges):
        return "dynamic" if all(is_call(project.tree / edge["path"], edge["line"]) for edge in edges) else None
    return "wildcard" if all("wildcard" in edge["kinds"] for edge in edges) else None


def below_namespace(project: Project, module: str) -> bool:
    """Whether a directory above a module, below its root package, has no `__init__`."""
    for root, directories in project.directories.items():
        if inside(module, root):
            parts = module[len(root) + 1 :].split(".")
            above = [d.joinpath(*parts[:depth]) for d in directories for depth in range(1, len(parts) + 1)]
            return any(place.is_dir() and not (place / "__init__.py").exists() for place in above)
    return False


def is_call(path: Path, line: int) -> bool:
    tree = ast.parse(path.read_bytes())
    calls = [(node.lineno, node.end_lineno) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return any(first <= line <= last for first, last in calls)


def why_theirs(project: Project, graph: grimp.ImportGraph, pair: tuple[str, str]) -> str | None:
    """The class of an edge that we do not have, or None."""
    if pair[0] == pair[1]:
        return "self"
    texts = [detail["line_contents"] for detail in graph.get_import_details(importer=pair[0], imported=pair[1])]
    deeper = [f"{pair[1]}." in text for text in texts]
    return "missing" if deeper and all(deeper) else None


# --- Mutants of contracts --------------------------------------------------------------------------------------------


def mutated(contract: dict, mutant: str, **changed: object) -> dict:
    return {**contract, "mutant": mutant, "options": {**contract["options"], **changed}}


def contract_mutants(rng: random.Random, project: Project, graph: grimp.ImportGraph, contract: dict) -> list[dict]:
    options, kind = contract["options"], contract["type"]
    ignored = options.get("ignore_imports", [])
    mutants = [mutated(contract, f"without ignoring {line}", ignore_imports=[o for o in ignored if o != line])
               for line in ignored]
    if len(ignored) > 1:
        mutants.append(mutated(contract, "ignoring nothing", ignore_imports=[]))
    for line in rng.sample(ignored, min(2, len(ignored))):
        wide = " -> ".join(widened(side.strip()) for side in line.split("->", 1))
        mutants.append(mutated(contract, f"ignoring {wide} alone", ignore_imports=[wide]))
    if kind == "layers":
        layers, upper = options["layers"], range(len(options["layers"]) - 1)
        for at in upper:
            swapped = [*layers[:at], layers[at + 1], layers[at], *layers[at + 2 :]]
            mutants.append(mutated(contract, f"{layers[at]} and {layers[at + 1]} swapped", layers=swapped))
        if len(layers) > 2:
            gone = rng.choice(layers)
            mutants.append(mutated(contract, f"without {gone}", layers=[line for line in layers if line != gone]))
            mutants.append(mutated(contract, "order reversed", layers=layers[::-1]))
        for line in layers:
            if "|" in line or ":" in line:
                other = line.replace("|", "~").replace(":", "|").replace("~", ":")
                mutants.append(mutated(contract, f"{line} made {other}"[:90],
                                       layers=[other if old == line else old for old in layers]))
        if options.get("containers"):
            exhaustive = not is_on(options, "exhaustive", False)
            mutants.append(mutated(contract, f"exhaustive {exhaustive}", exhaustive=str(exhaustive)))
    if kind == "forbidden":
        allow = not is_on(options, "allow_indirect_imports", False)
        mutants.append(mutated(contract, f"indirect allowed {allow}", allow_indirect_imports=str(allow)))
        if all(project.is_internal(name) for name in options["forbidden_modules"]):
            mutants.append(mutated(contract, "turned round", source_modules=options["forbidden_modules"],
                                   forbidden_modules=options["source_modules"]))
    if kind in ("forbidden", "protected"):
        alone = not is_on(options, "as_packages", True)
        mutants.append(mutated(contract, f"as packages {alone}", as_packages=str(alone)))
    if kind == "protected":
        allowed = options["allowed_importers"]
        mutants += [mutated(contract, f"{name} not allowed", allowed_importers=[o for o in allowed if o != name])
                    for name in allowed if len(allowed) > 1]
    if kind == "independence":
        modules = expanded(graph, options["modules"])
        candidates = sorted(m for m in graph.modules if project.is_internal(m) and m.replace(".", "_").isidentifier()
                            and not any(inside(m, o) or inside(o, m) for o in modules))
        mutants += [mutated(contract, f"{more} too", modules=[*options["modules"], more])
                    for more in rng.sample(candidates, min(3, len(candidates)))]
    if kind == "acyclic_siblings":
        mutants += [mutated(contract, f"depth {depth}", depth=str(depth)) for depth in (0, 1)]
        inner = sorted(m for m in graph.modules if project.is_internal(m) and len(graph.find_children(m)) > 1)
        mutants += [mutated(contract, f"below {name}", ancestors=[name])
                    for name in rng.sample(inner, min(3, len(inner)))]
    return mutants


def widened(expression: str) -> str:
    """What also covers the neighbours of a module."""
    parent = expression.removesuffix(".**").removesuffix(".*").rpartition(".")[0]
    return f"{parent}.**" if parent and not parent.endswith("*") else expression


def derived(
    rng: random.Random, project: Project, graph: grimp.ImportGraph, number: int
) -> list[tuple[dict, list[dict]]]:
    """Contracts of the kinds that a project does not have, and mutants of them."""
    had = {contract["type"] for contract in project.contracts}
    names = sorted(m for m in graph.modules if project.is_internal(m) and m.replace(".", "_").isidentifier())
    made = []
    if "protected" not in had:
        entered = [m for m in names if m not in project.roots and graph.find_modules_that_directly_import(m)]
        for module in rng.sample(entered, min(number, len(entered))):
            importers = graph.find_modules_that_directly_import(module)
            allowed = sorted({name.rpartition(".")[0] if rng.random() < 0.5 and name.count(".") > 1 else name
                              for name in sorted(importers) if name.replace(".", "_").isidentifier()})[:12]
            made.append({"name": f"only some may import {module}", "type": "protected",
                         "options": {"protected_modules": [module], "allowed_importers": allowed or [module]}})
    if "acyclic_siblings" not in had:
        for package in [m for m in names if len(graph.find_children(m)) > 1][:number]:
            made.append({"name": f"no cycles below {package}", "type": "acyclic_siblings",
                         "options": {"ancestors": [package]}})
    return [(base, contract_mutants(rng, project, graph, base)) for base in made]


# --- Mutants of the tree ---------------------------------------------------------------------------------------------


def forbidden_pair(
    rng: random.Random, project: Project, graph: grimp.ImportGraph, contract: dict
) -> tuple[str, str] | None:
    """An import that a contract forbids."""
    options, kind = contract["options"], contract["type"]

    def members(*expressions: str) -> list[str]:
        tops = expanded(graph, list(expressions))
        return sorted(m for m in graph.modules if any(inside(m, top) for top in tops)) or tops

    if kind == "forbidden":
        groups = [members(*options["source_modules"]), members(rng.choice(options["forbidden_modules"]))]
    elif kind == "layers":
        if len(options["layers"]) < 2:
            return None
        above, below = sorted(rng.sample(range(len(options["layers"])), 2))
        inner = containers(graph, options)
        prefix = f"{rng.choice(inner)}." if inner else ""
        lines = [options["layers"][at] for at in (below, above)]
        groups = [members(prefix + rng.choice(tails(line))) for line in lines]
    elif kind == "independence":
        modules = expanded(graph, options["modules"])
        if len(modules) < 2:
            return None
        groups = [members(name) for name in rng.sample(modules, 2)]
    elif kind == "protected":
        allowed = {*members(*options["allowed_importers"]), *members(*options["protected_modules"])}
        groups = [sorted(set(graph.modules) - allowed), members(*options["protected_modules"])]
    else:
        parents = [m for m in members(*options["ancestors"]) if len(graph.find_children(m)) > 1]
        if not parents:
            return None
        groups = [members(name) for name in rng.sample(sorted(graph.find_children(rng.choice(parents))), 2)]
    if not all(groups):
        return None
    importer, imported = map(rng.choice, groups)
    return (importer, imported) if importer != imported else None


def statement(rng: random.Random, target: str) -> str:
    parent, _, last = target.rpartition(".")
    forms = [f"import {target}", f"import {target} as t"]
    return rng.choice([*forms, f"from {parent} import {last}"] if parent else forms)


def inserted(text: str, shape: str) -> str:
    if shape == "in a function":
        return f"\n\ndef inserted():\n    {text}\n"
    if shape == "under TYPE_CHECKING":
        return f"\n\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    {text}\n"
    return f"\n\n{text}\n"


def without(text: bytes, lines: set[int]) -> bytes | None:
    """The text with `pass` for the statements at these lines; None where one shares its line or this Python cannot read
    the file."""
    rows = text.splitlines(keepends=True)
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom) and lines & set(range(node.lineno, node.end_lineno + 1)):
            first, last = node.lineno - 1, node.end_lineno
            indent = rows[first][: node.col_offset]
            if indent.strip() or b";" in rows[last - 1]:
                return None
            rows[first:last] = [indent + b"pass\n", *([b"\n"] * (last - first - 1))]
    return b"".join(rows)


if __name__ == "__main__":
    sys.exit(main())
