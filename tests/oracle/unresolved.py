#!/usr/bin/env python3
"""Asks CPython about `unresolved-import`: does each name that a first-party import asks for exist, and do we say so?

    python3 unresolved.py IMPORTLAW PROJECT PACKAGE... [--elsewhere] [--timeout S] [--json FILE]

Standard library only, POSIX. Every `from M import n` and `import M` of the named packages' files is put to CPython, one
forked process for each M: M itself is imported, then each statement alone is run, so that one failure hides no other.
Third parties are stand-ins made by a meta-path finder; sockets, processes and writes outside a scratch copy are refused
by an audit hook. Where M does not load, a second try lets its own failing first-party imports pass (and remembers
what it made up). With `--elsewhere` our findings in all other files are put to it too.

Prints what of ours CPython confirms, contradicts and cannot decide, and the names that are missing for CPython and
were not reported. Exit code 1 if CPython contradicts a finding.
"""

import argparse
import ast
import builtins
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import types
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


# --- What is asked -------------------------------------------------------------------------------------------------


class Question:
    """One first-party import of one name: `from module import name`, or `import module` where name is None."""

    def __init__(self, path: str, line: int, module: str, name: str | None, place: str) -> None:
        self.path, self.line, self.module, self.name, self.place = path, line, module, name, place

    @property
    def target(self) -> str:
        return self.module if self.name is None else f"{self.module}.{self.name}"


def questions_of(root: Path, path: str) -> list[Question] | None:
    """Every absolute (module, name) that a file's statements ask for; None where CPython cannot parse it."""
    try:
        tree = ast.parse((root / path).read_bytes())
    except (SyntaxError, ValueError, RecursionError):
        return None
    parts = list(Path(path).with_suffix("").parts)
    package = parts[:-1]
    found: list[Question] = []

    def visit(node: ast.AST, place: str) -> None:
        for child in ast.iter_child_nodes(node):
            inner = place
            if isinstance(node, ast.Try) and child in node.body and place != "expected":
                inner = "optional"
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) and inner == "eager":
                inner = "deferred"
            if isinstance(child, ast.With) and "raises" in ast.dump(child.items[0]).lower():
                inner = "expected"
            if isinstance(child, ast.Import):
                found.extend(Question(path, alias.lineno, alias.name, None, inner) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                base = child.module or ""
                if child.level:
                    if child.level > len(package):
                        continue
                    base = ".".join(package[: len(package) - child.level + 1] + ([base] if base else []))
                found.extend(Question(path, alias.lineno, base, alias.name, inner) for alias in child.names)
            visit(child, inner)

    visit(tree, "eager")
    return found


# --- The world CPython sees ----------------------------------------------------------------------------------------


class Anything:
    """A stand-in for whatever a third party offers: value, decorator, base class, context manager."""

    __name__ = __qualname__ = "Anything"

    def __init__(self, *_args: object, **_kwargs: object) -> None:
        pass

    def __getattr__(self, name: str) -> object:
        return attribute(name)

    def __call__(self, *args: object, **kwargs: object) -> object:
        decorates = len(args) == 1 and not kwargs and isinstance(args[0], type | types.FunctionType)
        return args[0] if decorates else Anything()

    def __mro_entries__(self, _bases: tuple) -> tuple:
        return (type("AnyBase", (AnyBase,), {}),)

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

    def __contains__(self, _item: object) -> bool:
        return False

    def __instancecheck__(self, _instance: object) -> bool:
        return False

    def __subclasscheck__(self, _class: object) -> bool:
        return False

    def __self(self, *_args: object) -> "Anything":
        return self

    __getitem__ = __enter__ = __or__ = __ror__ = __and__ = __rand__ = __add__ = __radd__ = __sub__ = __rsub__ = __self
    __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __neg__ = __invert__ = __matmul__ = __pow__ = __mod__ = __self
    __lshift__ = __rshift__ = __floordiv__ = __xor__ = __self

    def __setitem__(self, _key: object, _value: object) -> None:
        pass

    def __exit__(self, *_args: object) -> bool:
        return False

    def __lt__(self, _other: object) -> bool:
        return False

    __gt__ = __le__ = __ge__ = __lt__


class AnyMeta(type):
    def __getattr__(cls, name: str) -> object:
        return attribute(name)


class AnyBase(metaclass=AnyMeta):
    """What a class gets that inherits from a stand-in."""

    def __init__(self, *_args: object, **_kwargs: object) -> None:
        pass

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
    if re.search(r"(Error|Exception|Timeout|Disconnect|Warning)$", name):
        return type(name, (Exception,), {"__init__": lambda self, *args, **kwargs: None})
    return Anything()


class AnyModule(types.ModuleType):
    def __getattr__(self, name: str) -> object:
        return attribute(name)


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


class MadeUp(Anything):
    """What the second try binds in place of something first-party that does not import."""


def lenient_import(original):
    """`__import__` that makes up what fails, so that one broken module does not hide what another one binds."""

    def importing(name, globals=None, locals=None, fromlist=(), level=0):
        try:
            module = original(name, globals, locals, fromlist, level)
        except Exception:
            return MadeUp()
        for wanted in fromlist or ():
            if wanted != "*" and not hasattr(module, wanted) and isinstance(module, types.ModuleType):
                try:
                    importlib.import_module(f"{module.__name__}.{wanted}")
                except Exception:
                    setattr(module, wanted, MadeUp())
        return module

    return importing


def refuse(scratch: str):
    """An audit hook: no network, no processes, no writes outside the scratch copy."""

    def hook(event: str, args: tuple) -> None:
        if event.startswith(("socket.connect", "socket.bind", "socket.getaddrinfo", "subprocess.", "os.system", "os.fork",
                             "os.exec", "os.posix_spawn", "os.kill", "shutil.rmtree")):
            raise PermissionError(event)
        if event == "open" and isinstance(args[0], str) and set(str(args[1] or "")) & set("wax+"):
            writes(args[0])
        elif event in ("os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.truncate", "os.chmod"):
            writes(args[0])

    def writes(path: object) -> None:
        path = os.path.abspath(os.fsdecode(path)) if isinstance(path, str | bytes | os.PathLike) else ""
        if not path.startswith((scratch, "/dev/")):
            raise PermissionError(path)

    return hook


# --- The one forked process for each module ------------------------------------------------------------------------


def decide(scratch: str, first_party: set[str], names: list[str | None], module: str, lenient: bool) -> None:
    """Runs in a process of its own; prints one JSON list of [answer, text] on the real standard output."""
    out = os.dup(1)
    sink = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(sink, stream)
    root = os.path.join(scratch, "tree")
    os.chdir(root)
    sys.pycache_prefix = os.path.join(scratch, "pyc")
    sys.path[:] = [p for p in sys.path[1:] if "site-packages" not in p] + [root]
    sys.argv = ["-c"]
    sys.meta_path.insert(0, ThirdParties(first_party))
    for name in [n for n in sys.modules if n.partition(".")[0] in first_party - set(sys.stdlib_module_names)]:
        del sys.modules[name]
    sys.addaudithook(refuse(scratch))
    original = builtins.__import__
    if lenient:
        builtins.__import__ = lenient_import(original)
    real = dict(vars(builtins), __import__=original)
    answers = [ask(root, real, module, name) for name in names]
    os.write(out, json.dumps(answers).encode())
    os._exit(0)


def ask(root: str, real: dict, module: str, name: str | None) -> tuple[str, str]:
    statement = f"import {module}" if name is None else f"from {module} import {name}"
    try:
        exec(compile(statement, "<oracle>", "exec"), {"__builtins__": real, "__name__": "oracle"})
    except BaseException as error:
        text = f"{type(error).__name__}: {str(error)[:300]}".replace(root + "/", "")
        bodies = []
        frame = error.__traceback__
        while frame:
            bodies.append(frame.tb_frame.f_code.co_filename)
            frame = frame.tb_next
        inner = [b for b in bodies if b.startswith(root)]
        return ("missing" if isinstance(error, ImportError) and not inner else "dies", text)
    # `isinstance` would ask a lazy object for its class, and that runs the project's code.
    if name not in (None, "*") and type(vars(sys.modules[module]).get(name)) is MadeUp:
        return "missing", "ImportError: bound to a stand-in of this script alone"
    return "present", ""


def run_one(args: tuple) -> list[tuple[str, str]]:
    scratch, first_party, names, module, lenient, timeout = args
    job = json.dumps([scratch, sorted(first_party), names, module, lenient])
    command = [sys.executable, "-I", "-S", __file__, "--worker"]
    try:
        done = subprocess.run(command, input=job, capture_output=True, text=True, timeout=timeout)
        return [tuple(answer) for answer in json.loads(done.stdout)]
    except subprocess.TimeoutExpired:
        return [("dies", "timeout")] * len(names)
    except json.JSONDecodeError:
        return [("dies", f"the process ended with {done.returncode}")] * len(names)


def worker() -> None:
    scratch, first_party, names, module, lenient = json.load(sys.stdin)
    sys.setrecursionlimit(5000)
    decide(scratch, set(first_party), names, module, lenient)


# --- The comparison ------------------------------------------------------------------------------------------------


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("importlaw")
    parser.add_argument("project", type=Path)
    parser.add_argument("packages", nargs="+")
    parser.add_argument("--elsewhere", action="store_true")
    parser.add_argument("--timeout", type=float, default=60)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    root = args.project.resolve()
    report = json.loads(subprocess.run([args.importlaw, "check", "-C", str(root), "--format", "json"],
                                       capture_output=True, check=False).stdout)
    findings = {(v["path"], v["line"], v["written"]): v for v in report["violations"] if v["rule"] == "unresolved-import"}
    unknown = {(u["path"], u["line"], u["target"]) for u in report["unknown"] if u["rule"] == "unresolved-import"}
    graph = json.loads(subprocess.run([args.importlaw, "graph", "-C", str(root), "--format", "json"],
                                      capture_output=True, check=True).stdout)
    files = sorted({m["path"] for m in graph["modules"] if m["path"].endswith(".py")})
    with tempfile.TemporaryDirectory() as scratch:
        tree = Path(scratch, "tree")
        for path in {m["path"] for m in graph["modules"]}:
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / path, tree / path)
        first_party = tops(root, tree)
        chosen, unparsed = asked(root, files, args, first_party, findings)
        answers = answer(scratch, first_party, chosen, args)
    return show(args, findings, unknown, chosen, unparsed, answers)


def tops(root: Path, tree: Path) -> set[str]:
    """First components that the project owns: what lies at its root, save plain directories a dependency is named after."""
    declared = set()
    for requirements in [*root.glob("*requirements*.txt"), *root.glob("*/requirements*.txt")]:
        for line in requirements.read_text(errors="replace").splitlines():
            if name := re.match(r"[A-Za-z0-9_.-]+", line):
                declared.add(name[0].lower().replace("-", "_"))
    names = {p.stem for p in tree.glob("*.py")}
    for directory in tree.iterdir():
        if directory.is_dir() and ((directory / "__init__.py").exists() or directory.name.lower() not in declared):
            names.add(directory.name)
    return {name for name in names if name.isidentifier() and name not in sys.stdlib_module_names}


def asked(root, files, args, first_party, findings) -> tuple[list[Question], list[str]]:
    chosen: list[Question] = []
    unparsed: list[str] = []
    for path in files:
        inside = path.split("/")[0] in args.packages
        if not inside and not args.elsewhere:
            continue
        questions = questions_of(root, path)
        if questions is None:
            unparsed.append(path)
            continue
        chosen += [
            q for q in questions
            if q.module.partition(".")[0] in first_party and (inside or (q.path, q.line, q.target) in findings
                                                                or (q.path, q.line, q.target + ".*") in findings)
        ]
    return chosen, unparsed


def answer(scratch, first_party, chosen, args) -> dict[tuple[str, str | None], tuple[str, str, str]]:
    """(module, name) to (answer, CPython's words, which try)."""
    wanted: dict[str, set] = defaultdict(set)
    for question in chosen:
        wanted[question.module].add(question.name)
    answers: dict[tuple[str, str | None], tuple[str, str, str]] = {}
    for lenient in (False, True):
        jobs = []
        for module, names in sorted(wanted.items()):
            left = [n for n in names if answers.get((module, n), ("dies",))[0] == "dies"]
            if left:
                jobs.append((scratch, first_party, sorted(left, key=str), module, lenient, args.timeout))
        with ThreadPoolExecutor(args.jobs) as pool:
            for job, got in zip(jobs, pool.map(run_one, jobs)):
                for name, (verdict, text) in zip(job[2], got):
                    if lenient and verdict == "dies":
                        text = f"{answers[job[3], name][1]} | second try: {text}"
                    answers[job[3], name] = (verdict, text, "second try" if lenient else "plain")
    return answers


def show(args, findings, unknown, chosen, unparsed, answers) -> int:
    table: Counter[tuple[str, str]] = Counter()
    rows = []
    asked_for = set()
    for question in chosen:
        key = (question.path, question.line, question.target)
        asked_for.add(key)
        finding = findings.get(key)
        said = f"reported ({finding['severity']})" if finding else "unknown" if key in unknown else "resolved"
        verdict, text, how = answers[question.module, question.name]
        table[said, f"{verdict} ({how})"] += 1
        rows.append({"path": question.path, "line": question.line, "module": question.module, "name": question.name,
                     "place": question.place, "said": said, "cpython": verdict, "text": text, "try": how,
                     "message": finding["message"] if finding else None})
    for (said, verdict), count in sorted(table.items()):
        print(f"{count:6}  {said:18} CPython: {verdict}")
    others = [k for k in findings if k not in asked_for and (args.elsewhere or k[0].split("/")[0] in args.packages)]
    not_parsed = [k for k in others if k[0] in unparsed]
    print(f"{len(not_parsed):6}  findings in the {len(unparsed)} files that CPython does not parse: not asked")
    print(f"{len(others) - len(not_parsed):6}  other findings not asked")
    for key in others:
        if key[0] not in unparsed:
            print("  NOT ASKED", *key, findings[key]["message"])
    contradicted = [r for r in rows if r["said"].startswith("reported") and r["cpython"] == "present"]
    for row in contradicted:
        print("  CONTRADICTED", row["path"], row["line"], row["message"], row["try"])
    for row in rows:
        if row["said"] == "resolved" and row["cpython"] == "missing":
            print("  NOT REPORTED", row["path"], row["line"], row["place"], row["module"], row["name"], row["text"])
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1))
    return 1 if contradicted else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--worker"]:
        worker()
    sys.exit(main())
