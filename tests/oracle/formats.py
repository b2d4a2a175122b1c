"""Do the programs that are to read `check --format …` accept what it writes?

    cargo build --release
    mkdir -p /tmp/samples && SAMPLES=/tmp/samples cargo test --lib one_sample_in_every_format
    python3 tests/oracle/formats.py target/release/importlaw /tmp/samples PROJECT... [--registry FILE] [--schemas DIR]

Checks the samples of the test (every feature, hostile text), then what the binary writes of each PROJECT: size,
compressed size and verdict of

    sarif     the schema of SARIF 2.1.0 (OASIS), and what GitHub code scanning asks for besides
    rdjson    the schema of the Reviewdog Diagnostic Format
    gitlab    GitLab's documented fields; paths relative, fingerprints unique
    junit     junitparser, and sums that agree
    badge     the documented fields of a shields endpoint
    github    the grammar of workflow commands, ten of a kind
    markdown  markdown-it: no HTML but the fold, under 65,536 characters

DIR holds `sarif-schema-2.1.0.json` and `DiagnosticResult.json`; without it they are downloaded from where they are
published. They are not kept here: the former's licence does not say that it may be. Needs jsonschema, junitparser and
markdown-it-py from PyPI. Exits with 1 where anything is refused.
"""

import argparse
import gzip
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.request
from collections import Counter

import jsonschema
import junitparser
from markdown_it import MarkdownIt

PUBLISHED = {
    "sarif-schema-2.1.0.json": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/",
    "DiagnosticResult.json": "https://raw.githubusercontent.com/reviewdog/reviewdog/master/proto/rdf/jsonschema/",
}
FORMATS = ["sarif", "rdjson", "gitlab", "junit", "badge", "github", "markdown"]
GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "additionalProperties": False,
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^(?!\\./|/).+"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}
BADGE = {
    "type": "object",
    "required": ["schemaVersion", "label", "message"],
    "additionalProperties": False,
    "properties": {
        "schemaVersion": {"const": 1},
        "label": {"type": "string"},
        "message": {"type": "string", "minLength": 1},
        "color": {"enum": ["brightgreen", "green", "yellowgreen", "yellow", "orange", "red", "lightgrey", "blue"]},
    },
}


def schema(name, directory):
    if directory:
        return json.loads((pathlib.Path(directory) / name).read_text())
    with urllib.request.urlopen(PUBLISHED[name] + name, timeout=60) as answer:
        return json.load(answer)


def against(schema):
    validator = jsonschema.validators.validator_for(schema)(schema)

    def check(text):
        errors = sorted(validator.iter_errors(json.loads(text)), key=lambda e: list(map(str, e.path)))
        return [f"{'/'.join(map(str, error.path))}: {error.message[:200]}" for error in errors[:5]]

    return check


def sarif(check):
    def problems(text):
        yield from check(text)
        run = json.loads(text)["runs"][0]
        results, rules = run["results"], run["tool"]["driver"]["rules"]
        said = " ".join(n["message"]["text"] for n in run["invocations"][0]["toolExecutionNotifications"])
        if len(results) > 25_000:
            yield f"{len(results)} results"
        if len(results) > 5_000 and "keeps 5,000" not in said:
            yield "more results than GitHub keeps, and no word of it"
        if len(gzip.compress(text.encode())) > 10 << 20:
            yield "over 10 MB compressed"
        if "/" not in run["automationDetails"]["id"]:
            yield "automationDetails.id without a /"
        for rule in rules:
            if len(rule["fullDescription"]["text"]) > 1024 or len(rule["properties"]["tags"]) > 10:
                yield f"rule {rule['id']}"
            if "security-severity" in rule["properties"]:
                yield f"rule {rule['id']} has a security severity"
        levels = [["error", "warning"].index(result["level"]) for result in results]
        if levels != sorted(levels):
            yield "not the worst first"
        for result in results:
            uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            if "\\" in uri or uri.startswith(("/", "./")):
                yield f"uri {uri}"
            if rules[result["ruleIndex"]]["id"] != result["ruleId"] if "ruleIndex" in result else False:
                yield "a wrong ruleIndex"
            if "primaryLocationLineHash" in result["partialFingerprints"]:
                yield "a primaryLocationLineHash"

    return problems


def gitlab(text):
    yield from against(GITLAB)(text)
    prints = Counter(issue["fingerprint"] for issue in json.loads(text))
    yield from (f"fingerprint {p} {n} times" for p, n in prints.items() if n > 1)


def junit(text):
    suites = junitparser.JUnitXml.fromstring(text.encode())
    cases = [case for suite in suites for case in suite]
    for name, of in [
        ("tests", lambda case: True),
        ("failures", lambda case: any(isinstance(r, junitparser.Failure) for r in case.result)),
        ("skipped", lambda case: any(isinstance(r, junitparser.Skipped) for r in case.result)),
    ]:
        stated, counted = getattr(suites, name), sum(map(of, cases))
        if stated != counted:
            yield f"{name}: {stated} stated, {counted} there"
        if sum(getattr(suite, name) for suite in suites) != counted:
            yield f"{name} of the suites"


def github(text):
    kinds = Counter()
    for line in text.splitlines():
        command = re.fullmatch(r"::(error|warning|notice) ((?:[a-zA-Z]+=[^:,]*,?)+)::(.*)", line)
        if not command:
            yield f"no command: {line[:200]}"
            continue
        kinds[command[1]] += 1
        if re.search(r"%(?!25|0D|0A|3A|2C)", command[2] + command[3]):
            yield f"a raw %: {line[:200]}"
    if any(n > 10 for n in kinds.values()) or sum(kinds.values()) > 50 or kinds["notice"] != 1:
        yield f"{dict(kinds)}"


def markdown(text):
    if len(text) >= 65_536:
        yield f"{len(text)} characters"
    parser = MarkdownIt("gfm-like", {"linkify": False, "html": True})
    allowed = re.compile(r"\s*</?details>(<summary>[\d,]+ more causes?</summary>)?\s*")
    for token in parser.parse(text):
        if token.type == "html_block" and not all(map(allowed.fullmatch, filter(None, token.content.split("\n")))):
            yield f"HTML: {token.content[:100]!r}"
        for inner in token.children or []:
            if inner.type in ("html_inline", "image"):
                yield f"{inner.type}: {inner.content[:100]!r}"
            if inner.type == "link_open" and not re.fullmatch(r"(?!\w+:)[^\s]+#L\d+", inner.attrs["href"]):
                yield f"link: {inner.attrs['href']}"
            if inner.type == "text" and re.search(r"@\w|#\d|://", inner.content):
                yield f"a mention, reference or address: {inner.content[:100]!r}"


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("binary", type=pathlib.Path)
    arguments.add_argument("samples", type=pathlib.Path)
    arguments.add_argument("projects", nargs="*")
    arguments.add_argument("--registry")
    arguments.add_argument("--schemas")
    given = arguments.parse_args()
    readers = {
        "sarif": sarif(against(schema("sarif-schema-2.1.0.json", given.schemas))),
        "rdjson": against(schema("DiagnosticResult.json", given.schemas)),
        "gitlab": gitlab,
        "junit": junit,
        "badge": against(BADGE),
        "github": github,
        "markdown": markdown,
    }
    bad = 0

    def judge(what, directory, stem):
        nonlocal bad
        for name in FORMATS:
            text = (directory / f"{stem}.{name}").read_text(encoding="utf-8")
            problems = list(readers[name](text))
            bad += bool(problems)
            size, packed = len(text.encode()), len(gzip.compress(text.encode()))
            print(f"{what:24} {name:9} {size:>12,} bytes {packed:>11,} gzipped  {'REFUSED' if problems else 'ok'}")
            for problem in problems[:5]:
                print(f"    {problem}")

    judge("the sample", given.samples, "sample")
    for project in given.projects:
        with tempfile.TemporaryDirectory() as temporary:
            out = pathlib.Path(temporary)
            formats = [word for name in FORMATS for word in ("--format", f"{name}={out / f'out.{name}'}")]
            registry = ["--registry", str(pathlib.Path(given.registry).resolve())] if given.registry else []
            command = [given.binary.resolve(), "check", "-C", project, *registry, *formats]
            code = subprocess.run(command, check=False).returncode
            if code not in (0, 1):
                sys.exit(f"{project}: exit {code}")
            judge(pathlib.Path(project).resolve().name, out, "out")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
