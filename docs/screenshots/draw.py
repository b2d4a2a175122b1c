"""Draws the pictures of README: what the program writes in colour, as SVG.

    cargo build && python3 docs/screenshots/draw.py target/debug/importlaw

Needs `rich` from PyPI. Run it again where the text changes; the pictures hold text, so that a diff shows what.
"""

import os
import pathlib
import re
import subprocess
import sys

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

HERE = pathlib.Path(__file__).resolve().parent
FIXTURE = HERE.parent.parent / "fixtures" / "platform" / "before"
COLUMNS = 100
# Legible on the light and on the dark page that it may stand on.
THEME = TerminalTheme(
    (24, 26, 31),
    (214, 219, 227),
    [(60, 64, 72), (240, 113, 120), (152, 195, 121), (229, 192, 123), (97, 175, 239), (198, 120, 221), (86, 182, 194), (214, 219, 227)],
    [(110, 118, 129), (255, 138, 145), (170, 215, 140), (245, 210, 140), (120, 190, 250), (215, 145, 235), (105, 200, 212), (255, 255, 255)],
)
PICTURES = {
    "check": ["check", "--rule", "session-manager", "--limit", "1"],
    "statistics": ["check", "--statistics"],
}


def main():
    binary = pathlib.Path(sys.argv[1]).resolve()
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    for name, arguments in PICTURES.items():
        run = subprocess.run(
            [binary, *arguments, "--color", "always", "--as-of", "2026-11-22"],
            cwd=FIXTURE, env=environment, stdout=subprocess.PIPE, check=False,
        )
        if run.returncode != 1:
            sys.exit(f"{name}: exit {run.returncode}")
        console = Console(record=True, width=COLUMNS, file=open(os.devnull, "w"), force_terminal=True, color_system="truecolor")
        console.print(Text("$ importlaw " + " ".join(arguments), style="bold"))
        console.print(Text.from_ansi(run.stdout.decode().rstrip("\n")))
        svg = console.export_svg(title="importlaw", theme=THEME, unique_id=name)
        # The reader's own monospaced font: a picture in a README may load none.
        svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.S).replace("Fira Code", "ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono")
        (HERE / f"{name}.svg").write_text(svg)
        print(f"{name}.svg: {len(svg):,} bytes")


if __name__ == "__main__":
    main()
