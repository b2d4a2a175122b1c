"""Wall time, CPU time and peak memory of a cold run beside other tools, on one tree, in one run.

    python3 benches/compare.py --importlaw target/release/importlaw TREE

TREE holds one top-level package (an unpacked wheel will do). Tools that are not on PATH are left out. Nothing is
written into TREE: what a tool wants as configuration lies in a temporary directory. See benches/README.md.
"""

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

READ_ALL = """
import os, sys
n = 0
for base, dirs, names in os.walk(sys.argv[1]):
    for name in names:
        if name.endswith((".py", ".pyi")):
            with open(os.path.join(base, name), "rb") as file:
                n += len(file.read())
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tree", type=Path)
    parser.add_argument("--importlaw", default="importlaw")
    parser.add_argument("--package", help="the package to judge; default: the only one below TREE")
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    tree = args.tree.resolve()
    package = args.package or only_package(tree)
    parts = sorted(path.name for path in (tree / package).iterdir() if (path / "__init__.py").is_file())
    if len(parts) < 2:
        sys.exit(f"{package} needs two sub-packages for a rule to speak of")
    with tempfile.TemporaryDirectory() as temporary:
        tools = prepare(args.importlaw, tree, package, parts, Path(temporary))
        rows = [(name, measure(*tool, args.runs)) for name, tool in tools]
    print_table(tree, package, rows)


def only_package(tree):
    packages = [path.name for path in tree.iterdir() if (path / "__init__.py").is_file()]
    if len(packages) != 1:
        sys.exit(f"name one with --package: {', '.join(sorted(packages)) or 'there is none'}")
    return packages[0]


def prepare(importlaw, tree, package, parts, temporary):
    """(name, (command, directory, exit codes that count as a run)) of every tool that is there."""
    source, target = (f"{package}.{part}" for part in parts[:2])
    registry = temporary / "importlaw.toml"
    registry.write_text(
        f'version = 1\n[[forbidden]]\nid = "apart"\nfrom = ["{source}"]\nto = ["{target}"]\nindirect = true\n'
    )
    contract = temporary / "importlinter.ini"
    contract.write_text(
        f"[importlinter]\nroot_package = {package}\n[importlinter:contract:apart]\nname = apart\ntype = forbidden\n"
        f"source_modules = {source}\nforbidden_modules = {target}\n"
    )
    copy = temporary / "tree"  # tach reads its configuration from the project itself
    if shutil.which("tach"):
        shutil.copytree(tree, copy)
        (copy / "tach.toml").write_text(
            'source_roots = ["."]\nexclude = []\n'  # the whole package is a module, so that every file is judged
            + "".join(f'[[modules]]\npath = "{path}"\ndepends_on = []\n' for path in (package, source, target))
        )
    banned = f'lint.flake8-tidy-imports.banned-api."{target}".msg = "apart"'
    everything = [
        ("reading all files", ([sys.executable, "-c", READ_ALL, str(tree)], tree, (0,))),
        ("importlaw check", ([importlaw_path(importlaw), "check", "-q", "--registry", str(registry)], tree, (0, 1))),
        ("ruff check TID251", (
            ["ruff", "check", "-q", "--no-cache", "--isolated", "--select", "TID251", "--config", banned, "."], tree, (0, 1))),
        ("tach check", (["tach", "check"], copy, (0, 1))),
        ("lint-imports", (["lint-imports", "--no-cache", "--config", str(contract)], tree, (0, 1))),
    ]
    return [(name, tool) for name, tool in everything if shutil.which(tool[0][0])]


def importlaw_path(name):
    found = shutil.which(name) or sys.exit(f"there is no {name}: cargo build --release")
    return str(Path(found).resolve())


def measure(command, directory, codes, runs):
    """The median (wall s, CPU s, peak MB) after one run that warms the file system's cache."""
    samples = [run(command, directory, codes) for _ in range(runs + 1)][1:]
    return tuple(statistics.median(values) for values in zip(*samples))


def run(command, directory, codes):
    """One run in a process of its own, whose children's peak is this run's alone."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        environment = {**os.environ, "PYTHONPATH": str(directory), "PYTHONDONTWRITEBYTECODE": "1"}
        start = time.perf_counter()
        done = subprocess.run(command, cwd=directory, env=environment, capture_output=True)
        wall = time.perf_counter() - start
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        os.write(write, f"{done.returncode} {wall} {used.ru_utime + used.ru_stime} {used.ru_maxrss / 1024}".encode())
        if done.returncode not in codes:
            os.write(2, b" ".join([os.fsencode(command[0]), b"failed:\n", done.stdout[-2000:], done.stderr[-2000:]]))
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        code, *numbers = pipe.read().split()
    os.waitpid(child, 0)
    if int(code) not in codes:
        sys.exit(f"exit code {code}")
    return tuple(float(number) for number in numbers)


def print_table(tree, package, rows):
    files = sum(1 for path in tree.rglob("*.py"))
    base = dict(rows)["importlaw check"]
    print(f"{package}: {files:,} files, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}\n")
    print("| tool | wall s | CPU s | peak MB | wall | CPU | memory |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name, values in rows:
        ratios = " | ".join(f"{value / own:.1f} ×" for value, own in zip(values, base))
        wall, cpu, peak = values
        print(f"| {name} | {wall:.2f} | {cpu:.2f} | {peak:.0f} | {ratios} |")


if __name__ == "__main__":
    main()
