#!/usr/bin/env python3
"""Asks CPython about `[[entrypoint]]`: which modules does it load, which stop with an ImportError, and do we say so?

    python3 starts.py TREE --importlaw BINARY [--modules GLOB…] [--sample N --seed S] [--tests] [--json OUT]
    python3 starts.py TREE --importlaw BINARY --recorded OUT [--start-sets N]

Standard library only, Python 3.11, POSIX. Each module is imported in a process of its own: the tree's import roots first
on `sys.path`, third parties replaced by stand-ins, no network, no processes, standard input closed, bytecode kept
outside of the tree, at most 2 GB. Writes outside a scratch directory are refused; with `--copy` (implied by `--absent` and
`--only-dirs`) a copy of the tree is imported and may be written to. With `--tests` a module is imported as pytest does in
its prepend mode: with the conftest.py files from the root down before it.

CPython's answer is one of: loads · import-error · partial (AttributeError of a partially initialized module) · syntax
(a file that does not parse) · other (any other exception) · timeout. The last two are not comparable.
The same modules are then put to our rule as one entry; a module that no finding stops and that is not unknown starts.

Prints the table of both answers, the agreement, and every disagreement with both explanations. Exit code 1 on a
disagreement that `explained` has no class for.
"""

import argparse
import ast
import fnmatch
import importlib
import importlib.abc
import importlib.machinery
import importlib.metadata
import json
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import tomllib
import types
import typing
import unittest
from abc import ABCMeta
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

CHECKS = ("unresolved-import", "unparsed-file", "relative-beyond-root", "string-reference", "scope-leak", "shadowed-module",
          "orphan-file", "unmatched-entry", "unused-waiver", "stale-baseline", "expired")
COMPARABLE = ("loads", "import-error", "partial", "syntax")


# --- Third parties -------------------------------------------------------------------------------------------------


class Anything:
    """A stand-in for whatever a third party offers: value, decorator, base class, context manager."""

    __name__ = __qualname__ = "Anything"

    def __init__(self, *_args: object, **_kwargs: object) -> None:
        pass

    def __getattr__(self, name: str) -> object:
        return attribute(name)

    def __call__(self, *args: object, **kwargs: object) -> object:
        decorates = len(args) == 1 and not kwargs and isinstance(
            args[0], type | types.FunctionType | classmethod | staticmethod | property)
        return args[0] if decorates else Anything()

    def __mro_entries__(self, _bases: tuple) -> tuple:
        return (AnyMeta("AnyBase", (AnyBase,), {}),)

    def __iter__(self):
        return iter(())

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return True

    def __int__(self) -> int:
        return 1

    __index__ = __int__

    def __fspath__(self) -> str:
        return "anything"

    def __bytes__(self) -> bytes:
        return b"anything"

    def __float__(self) -> float:
        return 1.0

    def __str__(self) -> str:
        return "anything"

    def __format__(self, _spec: str) -> str:
        return "anything"

    def __contains__(self, _item: object) -> bool:
        return False

    def __instancecheck__(self, _instance: object) -> bool:
        return False

    def __subclasscheck__(self, _class: object) -> bool:
        return False

    def __self(self, *_args: object) -> "Anything":
        return self

    __getitem__ = __enter__ = __or__ = __ror__ = __and__ = __rand__ = __add__ = __radd__ = __sub__ = __rsub__ = __self
    __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __neg__ = __pos__ = __abs__ = __invert__ = __matmul__ = __self
    __pow__ = __rpow__ = __mod__ = __rmod__ = __lshift__ = __rshift__ = __floordiv__ = __rfloordiv__ = __xor__ = __self
    __rxor__ = __round__ = __self

    def __setitem__(self, _key: object, _value: object) -> None:
        pass

    def __delitem__(self, _key: object) -> None:
        pass

    def __exit__(self, *_args: object) -> bool:
        return False

    def __lt__(self, _other: object) -> bool:
        return False

    __gt__ = __le__ = __ge__ = __lt__


class AnyMeta(ABCMeta):
    """An ABCMeta, so that a class may inherit from a stand-in and from an ABC."""

    def __getattr__(cls, name: str) -> object:
        return attribute(name)


class AnyBase(metaclass=AnyMeta):
    """What a class gets that inherits from a stand-in."""

    def __init__(self, *_args: object, **kwargs: object) -> None:
        vars(self).update(kwargs)

    def __init_subclass__(cls, **_kwargs: object) -> None:
        pass

    def __class_getitem__(cls, _item: object) -> type:
        return cls

    def __getattr__(self, name: str) -> object:
        return attribute(name)


def attribute(name: str) -> object:
    if name.startswith("__") and name.endswith("__"):
        if name in ("__version__", "__author__"):
            return "99.0.0"
        raise AttributeError(name)
    if name.startswith("_abc_"):
        raise AttributeError(name)
    if re.search(r"(Error|Exception|Timeout|Disconnect|Warning|Failure|Cancelled)$", name):
        return type(name, (Exception,), {"__init__": lambda self, *args, **kwargs: None})
    return Anything()


class AnyModule(types.ModuleType):
    def __getattr__(self, name: str) -> object:
        value = attribute(name)
        if self.__name__ == "typing_extensions" and hasattr(typing, name):
            value = getattr(typing, name)
            if name in ("TypeVar", "ParamSpec", "TypeVarTuple"):
                value = without_new_arguments(value)
        setattr(self, name, value)
        return value


def without_new_arguments(kind: type):
    """`typing_extensions.TypeVar` and kin take what this Python's do not."""
    return lambda *args, **given: kind(*args, **{k: v for k, v in given.items() if k not in ("default", "infer_variance")})


class ThirdParties(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Answers for every top-level name that is neither first party nor in the standard library."""

    def __init__(self, first_party: set[str]) -> None:
        self.known = first_party | set(sys.stdlib_module_names)

    def find_spec(self, name: str, _path: object = None, _target: object = None):
        if name.partition(".")[0] in self.known:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return AnyModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        module.__all__ = []
        if module.__name__ == "pytest":
            vars(module).update(pytest_names())
        elif module.__name__ == "certifi":
            module.where = lambda: "/etc/ssl/certs/ca-certificates.crt"
        elif module.__name__ == "voluptuous":
            # Markers are equal to the key they mark.
            module.Required = module.Optional = lambda key, *_args, **_kwargs: key


class Skipped(BaseException):
    """`pytest.skip` at module level: the module has started as far as imports go."""


class Raises:
    """`pytest.raises`: swallows what is expected, and fails where nothing is raised."""

    def __init__(self, expected: object) -> None:
        self.expected = expected
        self.value = self.type = None

    def __enter__(self) -> "Raises":
        return self

    def __exit__(self, kind: type | None, value: object, _traceback: object) -> bool:
        if kind is None:
            raise AssertionError("pytest.raises: nothing was raised")
        self.type, self.value = kind, value
        return issubclass(kind, self.expected)

    def __getattr__(self, name: str) -> object:
        return attribute(name)


def pytest_names() -> dict[str, object]:
    """What of pytest decides how a module loads; all else is a stand-in."""

    def fixture(function=None, **_kwargs):
        return function if function is not None else (lambda inner: inner)

    def raises(expected, function=None, *args, **kwargs):
        if callable(function):
            with Raises(expected) as caught:
                function(*args, **kwargs)
            return caught
        return Raises(expected)

    def skip(*_args, **_kwargs):
        raise Skipped

    def importorskip(name, **_kwargs):
        try:
            return importlib.import_module(name)
        except ImportError as error:
            raise Skipped from error

    skip.Exception = Skipped
    return {"fixture": fixture, "yield_fixture": fixture, "raises": raises, "skip": skip, "importorskip": importorskip}


# --- The one process for each module -------------------------------------------------------------------------------


def refuse(writable: tuple[str, ...]):
    """An audit hook: no network, no processes, no writes elsewhere. Each refusal is the error a bare machine would give."""

    def hook(event: str, args: tuple) -> None:
        if event.startswith(("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostby")):
            raise ConnectionRefusedError(event)
        if event.startswith(("subprocess.", "os.system", "os.fork", "os.exec", "os.posix_spawn", "os.kill", "pty.")):
            raise FileNotFoundError(event)
        if event == "shutil.rmtree":
            raise PermissionError(event)
        if event == "open" and isinstance(args[0], str) and set(str(args[1] or "")) & set("wax+"):
            writes(args[0])
        elif event in ("os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.truncate", "os.chmod", "os.link", "os.symlink"):
            writes(args[0])

    def writes(path: object) -> None:
        path = os.path.abspath(os.fsdecode(path)) if isinstance(path, str | bytes | os.PathLike) else ""
        if not path.startswith(writable):
            raise PermissionError(path)

    return hook


def worker() -> None:
    """Imports one module as the job on standard input says; writes one JSON object on the real standard output."""
    job = json.load(sys.stdin)
    out = os.dup(1)
    sink = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(sink, stream)
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    sys.dont_write_bytecode = False
    sys.pycache_prefix = os.path.join(job["scratch"], "pyc")
    home = os.path.join(job["scratch"], "home")
    os.chdir(job["tree"])
    sys.path[:] = job["roots"] + [p for p in sys.path if "site-packages" not in p]
    sys.argv = ["-c"]
    third_parties = ThirdParties(set(job["first_party"]))
    sys.meta_path.insert(0, third_parties)
    # `version` of a third party that is a stand-in: installed.
    importlib.metadata.version = lambda _name: "99.0.0"
    os.environ.clear()
    os.environ.update({"PATH": "/usr/bin:/bin", "HOME": home, "TMPDIR": home, "LANG": "C.UTF-8", "USER": "nobody"}, **job["env"])
    tempfile.tempdir = home
    sys.addaudithook(refuse((job["scratch"], "/dev/") + ((job["tree"],) if job["writable"] else ())))
    before = set(sys.modules)
    outcome = attempt(job, third_parties)
    outcome["loaded"] = loaded(job["tree"], before)
    os.write(out, json.dumps(outcome).encode("utf-8", "replace"))
    os._exit(0)


def attempt(job: dict, third_parties: ThirdParties) -> dict:
    at = job["path"]
    try:
        if job["tests"]:
            importlib.import_module("pytest")
            for at in [*conftests(job["tree"], job["path"]), job["path"]]:
                import_as_pytest(job["tree"], at, third_parties)
        else:
            importlib.import_module(job["module"])
    except (Skipped, unittest.SkipTest):
        return {"outcome": "loads", "note": "skipped"}
    except BaseException as error:
        return explain(job["tree"], error, at)
    return {"outcome": "loads"}


def conftests(tree: str, path: str) -> list[str]:
    """conftest.py files from the root down to the module's directory."""
    parts = path.split("/")[:-1]
    found = ["/".join([*parts[:depth], "conftest.py"]) for depth in range(len(parts) + 1)]
    return [p for p in found if p != path and os.path.isfile(os.path.join(tree, p))]


def import_as_pytest(tree: str, path: str, third_parties: ThirdParties) -> None:
    """pytest's `--import-mode=prepend`: the first directory upward that is no package comes first on `sys.path`."""
    parts = path.removesuffix(".py").split("/")
    start = len(parts) - 1
    while start and parts[start - 1].isidentifier() and os.path.isfile(os.path.join(tree, *parts[:start], "__init__.py")):
        start -= 1
    root = os.path.join(tree, *parts[:start])
    names = parts[start:-1] if parts[-1] == "__init__" else parts[start:]
    if len(names) == 1:
        sys.modules.pop(names[0], None)  # so does pytest: two files of one name in plain directories
    if sys.path[0] != root:
        sys.path.insert(0, root)
        for entry in os.scandir(root):
            if entry.name.endswith(".py") or os.path.isfile(os.path.join(entry.path, "__init__.py")):
                third_parties.known.add(entry.name.removesuffix(".py"))
    importlib.import_module(".".join(names))


def explain(tree: str, error: BaseException, at: str) -> dict:
    """Why it died: kind, words, the last three frames of the tree, and the statement that raised."""
    frames = []
    step = error.__traceback__
    last_is_ours = False
    while step:
        file = step.tb_frame.f_code.co_filename
        if file.startswith(tree + "/"):
            frames.append((file[len(tree) + 1 :], step.tb_lineno))
            last_is_ours = True
        elif "importlib" not in file:
            last_is_ours = False
        step = step.tb_next
    kind, text = type(error).__name__, str(error)[:400].replace(tree + "/", "")
    found = {"outcome": "other", "kind": kind, "message": text, "imported_file": at}
    if isinstance(error, SyntaxError):
        found["outcome"] = "syntax"
        frames.append((str(error.filename or "").replace(tree + "/", ""), error.lineno or 0))
    elif isinstance(error, ImportError):
        found["outcome"] = "import-error"
        found["missing"] = missing(error)
    elif isinstance(error, AttributeError) and "partially initialized module" in text:
        found["outcome"] = "partial"
    found["frames"] = [{"path": path, "line": line, "statement": statement(tree, path, line)[0]} for path, line in frames[-3:]]
    if frames and not isinstance(error, SyntaxError):
        found["explicit"] = last_is_ours and statement(tree, *frames[-1])[1]
    chain = []
    inner = error
    while (inner := inner.__cause__ or inner.__context__) and len(chain) < 5:
        chain.append(f"{type(inner).__name__}: {str(inner)[:200]}".replace(tree + "/", ""))
    found["because_of"] = chain
    return found


def missing(error: ImportError) -> str:
    """`module` or `module.name`, what the error says there is not; empty for an error in words of its own."""
    text = str(error)
    if name := re.match(r"cannot import name '([^']+)' from (?:partially initialized module )?'([^']+)'", text):
        return f"{name[2]}.{name[1]}"
    if name := re.match(r"No module named '([^']+)'", text):
        return name[1]
    return ""


def statement(tree: str, path: str, line: int) -> tuple[str, bool]:
    """The innermost statement at a line, on one line, and whether it is a `raise`."""
    try:
        text = Path(tree, path).read_bytes()
        holding = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.stmt) and n.lineno <= line <= (n.end_lineno or 0)]
    except (SyntaxError, ValueError, OSError, RecursionError):
        return "", False
    if not holding:
        return "", False
    node = max(holding, key=lambda n: (n.lineno, -(n.end_lineno or 0)))
    if hasattr(node, "body"):
        return text.decode("utf-8", "replace").splitlines()[line - 1].strip()[:200], False
    return re.sub(r"\s+", " ", ast.get_source_segment(text.decode("utf-8", "replace"), node) or "")[:200], isinstance(node, ast.Raise)


def loaded(tree: str, before: set[str]) -> list[str]:
    """Paths of the tree's files in `sys.modules`; `vars`, for a lazy module runs code when it is asked."""
    found = set()
    for name, module in list(sys.modules.items()):
        file = None if name in before or not isinstance(module, types.ModuleType) else vars(module).get("__file__")
        if isinstance(file, str) and file.startswith(tree + "/"):
            found.add(file[len(tree) + 1 :])
    return sorted(found)


# --- CPython's half ------------------------------------------------------------------------------------------------


def record(args: argparse.Namespace, tree: Path) -> dict:
    """Imports the chosen modules and returns what the recording file holds."""
    with tempfile.TemporaryDirectory() as scratch:
        scratch = os.path.realpath(scratch)
        os.mkdir(os.path.join(scratch, "home"))
        graph = run_json([args.importlaw, "graph", "-C", str(tree), "--format", "json"])
        modules = [m for m in graph["modules"] if m["path"].endswith(".py") and all(p.isidentifier() for p in m["name"].split("."))]
        # What the image lacks is first party still: no stand-in answers for it.
        roots, first_party = world(tree, modules, set(args.third_party))
        if args.copy:
            tree = copied(tree, Path(scratch, "tree"), args)
            modules = [m for m in modules if (tree / m["path"]).is_file()]
        chosen = choose(modules, args)
        print(f"{len(chosen)} of {len(modules)} modules, roots {roots}, {len(first_party)} first-party names", file=sys.stderr)

        def one(module: dict) -> dict:
            own = root_of(module)
            order = [own, *[r for r in roots if r != own]]
            job = {"tree": str(tree), "scratch": scratch, "writable": args.copy, "first_party": sorted(first_party),
                   "roots": [os.path.normpath(os.path.join(tree, r)) for r in order], "tests": args.tests,
                   "module": module["name"], "path": module["path"], "env": dict(e.split("=", 1) for e in args.env)}
            return {"module": module["name"], "path": module["path"], **import_one(job, args.timeout)}

        outcomes = []
        with ThreadPoolExecutor(args.jobs) as pool:
            for outcome in pool.map(one, chosen):
                outcomes.append(outcome)
                if len(outcomes) % 50 == 0:
                    print(f"  {len(outcomes)} of {len(chosen)}: {tally(outcomes)}", file=sys.stderr)
        files = sorted({p for o in outcomes for p in o.get("loaded", ())})
        number = {path: index for index, path in enumerate(files)}
        for outcome in outcomes:
            outcome["loaded"] = [number[p] for p in outcome.get("loaded", ())]
        return {"tree": str(args.tree), "python": sys.version.split()[0], "tests": args.tests, "absent": args.absent,
                "only_dirs": args.only_dirs, "third_party": args.third_party, "files": files, "outcomes": outcomes}


def import_one(job: dict, timeout: float) -> dict:
    command = [sys.executable, "-I", "-S", "-B", os.path.abspath(__file__), "--worker"]
    try:
        done = subprocess.run(command, input=json.dumps(job), capture_output=True, text=True, timeout=timeout, check=False)
        return json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return {"outcome": "timeout"}
    except json.JSONDecodeError:
        return {"outcome": "other", "kind": "process", "message": f"the process ended with {done.returncode}"}


def run_json(command: list[str]) -> dict:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        return json.loads(done.stdout)
    except json.JSONDecodeError:
        sys.exit(f"{' '.join(command)}\nended with {done.returncode}:\n{done.stderr[:4000]}")


def choose(modules: list[dict], args: argparse.Namespace) -> list[dict]:
    def wanted(module: dict) -> bool:
        file = module["path"].rpartition("/")[2]
        if args.tests and not fnmatch.fnmatch(file, "test_*.py") and not file.endswith("_test.py"):
            return False
        if args.scope and module["scope"] != args.scope:
            return False
        return not args.modules or any(fnmatch.fnmatch(module["name"], glob) for glob in args.modules)

    chosen = sorted((m for m in modules if wanted(m)), key=lambda m: m["name"])
    if args.sample and args.sample < len(chosen):
        chosen = sorted(random.Random(args.seed).sample(chosen, args.sample), key=lambda m: m["name"])
    return chosen


def root_of(module: dict) -> str:
    """The import root under which the module's file has the module's name."""
    name = module["path"].removesuffix(".py").removesuffix("/__init__")
    return name[: len(name) - len(module["name"])].strip("/") or "."


def world(tree: Path, modules: list[dict], third_party: set[str]) -> tuple[list[str], set[str]]:
    """Import roots, and the first components that the project owns: plain directories that bear a dependency's name not."""
    roots = Counter(root_of(m) for m in modules)
    declared = dependencies(tree)
    first_party = set()
    for module in modules:
        top = module["name"].partition(".")[0]
        place = tree / root_of(module) / top
        if place.with_suffix(".py").is_file() or (place / "__init__.py").is_file() or top.lower() not in declared:
            first_party.add(top)
    return sorted(roots, key=lambda r: (r != ".", r)), first_party - third_party - set(sys.stdlib_module_names)


def dependencies(tree: Path) -> set[str]:
    found: set[str] = set()
    for requirements in tree.rglob("*requirements*.txt"):
        for line in requirements.read_text(errors="replace").splitlines():
            found.update(re.findall(r"^[A-Za-z0-9_.-]+", line))
    for manifest in [tree / "pyproject.toml", *tree.glob("*/pyproject.toml")]:
        try:
            project = tomllib.loads(manifest.read_text(errors="replace")).get("project", {})
        except (tomllib.TOMLDecodeError, OSError):
            continue
        lists = [project.get("dependencies", []), *project.get("optional-dependencies", {}).values()]
        found.update(name for one in lists for text in one for name in re.findall(r"^[A-Za-z0-9_.-]+", text))
    return {name.lower().replace("-", "_") for name in found}


def copied(tree: Path, to: Path, args: argparse.Namespace) -> Path:
    """The tree as the image holds it: without what is absent, or only some directories."""
    absent = [glob_regex(pattern) for pattern in args.absent]

    def ignore(directory: str, names: list[str]) -> set[str]:
        base = os.path.relpath(directory, tree)
        paths = {name: os.path.normpath(os.path.join(base, name)) for name in names}
        out = {n for n in names if n in (".git", "node_modules", ".venv", "__pycache__")}
        if args.only_dirs and base == ".":
            out |= {n for n in names if n not in {d.split("/")[0] for d in args.only_dirs}}
        return out | {n for n, p in paths.items() if any(a.fullmatch(p) for a in absent)}

    shutil.copytree(tree, to, ignore=ignore, symlinks=True, ignore_dangling_symlinks=True)
    return to


def glob_regex(pattern: str) -> re.Pattern:
    """`path:**/x/**` as in the registry, or a dotted module with what lies below it."""
    if not pattern.startswith("path:"):
        return re.compile(re.escape(pattern.replace(".", "/")) + r"(\.py|/.*)?")
    parts = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(parts.get(p, re.escape(p)) for p in re.findall(r"\*\*/|\*\*|\*|\?|[^*?]+", pattern[5:])))


def tally(outcomes: list[dict]) -> str:
    return ", ".join(f"{kind} {count}" for kind, count in Counter(o["outcome"] for o in outcomes).most_common())


def summary(recorded: dict) -> None:
    """CPython's outcomes and their most frequent causes."""
    outcomes = recorded["outcomes"]
    print(f"CPython {recorded['python']}: {len(outcomes)} modules: {tally(outcomes)}")
    causes: Counter[str] = Counter()
    for outcome in outcomes:
        if outcome["outcome"] not in ("loads", "timeout"):
            place = (outcome.get("frames") or [{"path": "?", "line": 0}])[-1]
            said = " (its own raise)" if outcome.get("explicit") else ""
            causes[f"{outcome['outcome']:12} {outcome['kind']}: {outcome['message'][:110]} at {place['path']}:{place['line']}{said}"] += 1
    for cause, count in causes.most_common(15):
        print(f"{count:6}  {cause}")


# --- Our half ------------------------------------------------------------------------------------------------------


def ours(args: argparse.Namespace, tree: Path, recorded: dict) -> tuple[dict[str, tuple[str, list[dict]]], set[str]]:
    """Module to (starts | dies | unknown, the findings or rows that say so); the files that we do not parse either."""
    names = [o["module"] for o in recorded["outcomes"]]
    entry = {"id": "starts", "modules": [f"={n}" for n in names], "absent": recorded["absent"],
             "ships": [f"path:{d}/**" for d in recorded["only_dirs"]]}
    lines = ["version = 1", "[python]", f"third-party = {json.dumps(recorded['third_party'])}", "[checks]"]
    lines += [f'{check} = "off"' for check in CHECKS]
    lines += ["[[entrypoint]]", *(f"{key} = {json.dumps(value)}" for key, value in entry.items() if value)]
    with tempfile.TemporaryDirectory() as scratch:
        registry = Path(scratch, "importlaw.toml")
        registry.write_text("\n".join(lines) + "\n")
        report = run_json([args.importlaw, "check", "-C", str(tree), "--registry", str(registry), "--format", "json"])
    answers: dict[str, tuple[str, list[dict]]] = {name: ("starts", []) for name in names}
    for row in report["unknown"]:
        if row["rule"] == "starts" and row["target"] in answers:
            answers[row["target"]] = ("unknown", [*answers[row["target"]][1], row])
    for violation in report["violations"]:
        for name in violation.get("stops", ()) if violation["kind"] == "entrypoint" else ():
            if name in answers:
                kept = answers[name][1] if answers[name][0] == "dies" else []
                answers[name] = ("dies", [*kept, violation])
    return answers, {row["path"] for row in report["unparsed"]}


def compare(args: argparse.Namespace, recorded: dict, answers: dict[str, tuple[str, list[dict]]], unparsed: set[str]) -> int:
    table: Counter[tuple[str, str]] = Counter()
    agree = comparable = same_cause = both_die = 0
    classes: Counter[str] = Counter()
    unexplained = []
    for outcome in recorded["outcomes"]:
        said, why = answers[outcome["module"]]
        table[said, outcome["outcome"]] += 1
        if outcome["outcome"] not in COMPARABLE or said == "unknown":
            continue
        comparable += 1
        dies = outcome["outcome"] != "loads"
        if dies == (said == "dies"):
            agree += 1
            if dies:
                both_die += 1
                cause = is_same_cause(outcome, why)
                same_cause += cause
                if not cause:
                    show("other cause", outcome, why)
        elif reason := explained(outcome, said, unparsed):
            classes[reason] += 1
            if args.verbose:
                show(f"explained: {reason}", outcome, why)
        else:
            unexplained.append((outcome, why))
    columns = ["loads", "import-error", "partial", "syntax", "other", "timeout"]
    print(f"\n{'ours':10}" + "".join(f"{c:>14}" for c in columns) + "   <- CPython")
    for said in ("starts", "dies", "unknown"):
        print(f"{said:10}" + "".join(f"{table[said, c]:>14}" for c in columns))
    for outcome, why in unexplained:
        show("DISAGREEMENT", outcome, why)
    share = f" = {100 * agree / comparable:.2f} %" if comparable else ""
    print(f"\nagreement: {agree} of {comparable} comparable{share}; both die: {both_die}, of the same cause {same_cause}; "
          f"disagreements: {len(unexplained)}" + "".join(f", {n} {c}" for c, n in sorted(classes.items())))
    return 1 if unexplained else 0


def explained(outcome: dict, said: str, unparsed: set[str]) -> str:
    """The class of a disagreement that is no fault of either; empty otherwise."""
    if said == "starts" and outcome["outcome"] == "syntax" and outcome["frames"][-1]["path"] not in unparsed:
        return "of a syntax newer than this Python"
    if said == "dies" and outcome.get("note") == "skipped":
        return "skipped before it could die"
    if said == "starts" and outcome["outcome"] == "import-error":
        top = outcome["missing"].partition(".")[0]
        if top in sys.stdlib_module_names:
            return "standard library of another platform"
        if outcome.get("explicit") and not outcome["missing"]:
            return "an ImportError raised by the code itself"
    return ""


def is_same_cause(outcome: dict, why: list[dict]) -> bool:
    """Whether one of our findings names the missing module or name that CPython's error names."""
    wanted = [outcome.get("missing", ""), *(m for text in outcome["because_of"] if (m := missing(ImportError(text.partition(": ")[2]))))]
    if outcome["outcome"] == "partial":
        if name := re.search(r"module '([^']+)' has no attribute '([^']+)'", outcome["message"]):
            wanted.append(f"{name[1]}.{name[2]}")
    if outcome["outcome"] == "syntax":
        return any(finding["path"] == outcome["frames"][-1]["path"] for finding in why)
    for finding in why:
        said = f"{finding.get('written', '')} {finding['message']}"
        words = set(re.findall(r"[\w.]+", said))
        for target in filter(None, wanted):
            module, _, name = target.rpartition(".")
            if target in words or any(w.startswith(target + ".") for w in words) or (module in words and name in words):
                return True
    return False


def show(title: str, outcome: dict, why: list[dict]) -> None:
    print(f"\n{title}: {outcome['module']} ({outcome['path']})")
    print(f"  CPython: {outcome['outcome']} {outcome.get('note', '')} {outcome.get('kind', '')} {outcome.get('message', '')}".rstrip())
    for frame in outcome.get("frames", ()):
        print(f"      {frame['path']}:{frame['line']}  {frame['statement']}")
    for text in outcome.get("because_of", ())[:2]:
        print(f"      because of {text}")
    if not why:
        print("  we:      it starts")
    for finding in why[:3]:
        print(f"  we:      {finding['path']}:{finding['line']} {finding.get('message') or finding.get('why')}")
        for hop in finding.get("chain", ()):
            print(f"      {hop['path']}:{hop['line']}  {hop['importer']} -> {hop['imported']}")


def start_sets(args: argparse.Namespace, tree: Path, recorded: dict) -> None:
    """Recall and precision of `graph --start M` against the files that CPython has in `sys.modules`."""
    loads = [o for o in recorded["outcomes"] if o["outcome"] == "loads" and not o.get("note")]
    chosen = sorted(loads, key=lambda o: -len(o["loaded"])) if args.start_sets >= len(loads) else \
        random.Random(args.seed).sample(loads, args.start_sets)
    total: Counter[str] = Counter()
    never: Counter[str] = Counter()
    surplus: Counter[str] = Counter()
    for outcome in chosen:
        graph = run_json([args.importlaw, "graph", "-C", str(tree), "--start", outcome["module"], "--format", "json"])
        followed = {m["path"] for m in graph["modules"] if m["path"].endswith(".py")}
        # A compiled module stands for its source.
        real = {re.sub(r"\.[^/]*\.so$|\.so$", ".py", recorded["files"][i]) for i in outcome["loaded"]}
        both = followed & real
        total.update(both=len(both), followed=len(followed), real=len(real), whole=followed == real)
        never.update(real - followed)
        surplus.update(followed - real)
        if args.verbose or len(chosen) == 1:
            print(f"  {outcome['module']}: CPython {len(real)}, followed {len(followed)}, both {len(both)}")
    if chosen and total["real"] and total["followed"]:
        print(f"\nstart sets of {len(chosen)} modules: recall {100 * total['both'] / total['real']:.2f} %, "
              f"precision {100 * total['both'] / total['followed']:.2f} %, {total['whole']} equal")
    for title, counts in (("loaded, not followed", never), ("followed, not loaded", surplus)):
        for path, count in counts.most_common(15):
            print(f"{count:6}  {title}: {path}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("tree", type=Path)
    parser.add_argument("--importlaw", required=True, help="the binary")
    parser.add_argument("--modules", nargs="+", default=[], metavar="GLOB", help="dotted names")
    parser.add_argument("--scope", help="only modules of this scope")
    parser.add_argument("--sample", type=int, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tests", action="store_true", help="import test files as pytest does")
    parser.add_argument("--timeout", type=float, default=60)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--absent", nargs="+", default=[], metavar="PATTERN", help="dotted names or path:GLOB")
    parser.add_argument("--only-dirs", nargs="+", default=[], metavar="DIR", help="top-level directories that exist")
    parser.add_argument("--third-party", nargs="+", default=[], metavar="NAME", help="first components that are not the project's")
    parser.add_argument("--env", nargs="+", default=[], metavar="K=V")
    parser.add_argument("--copy", action="store_true", help="import from a copy of the tree, which may be written to")
    parser.add_argument("--json", type=Path, help="keep CPython's outcomes here")
    parser.add_argument("--recorded", type=Path, help="take CPython's outcomes from here")
    parser.add_argument("--start-sets", type=int, metavar="N", help="compare the modules that N starts load")
    parser.add_argument("--no-compare", action="store_true", help="only record")
    parser.add_argument("--verbose", action="store_true")
    args = parser.parse_args()
    args.importlaw = str(Path(args.importlaw).resolve())
    args.copy = args.copy or bool(args.absent or args.only_dirs)
    tree = args.tree.resolve()
    recorded = json.loads(args.recorded.read_text()) if args.recorded else record(args, tree)
    if args.json:
        args.json.write_text(json.dumps(recorded, indent=None))
    summary(recorded)
    if args.no_compare:
        return 0
    status = compare(args, recorded, *ours(args, tree, recorded))
    if args.start_sets:
        start_sets(args, tree, recorded)
    return status


if __name__ == "__main__":
    if sys.argv[1:] == ["--worker"]:
        worker()
    sys.exit(main())
