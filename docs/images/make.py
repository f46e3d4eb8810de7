"""The program as it is → the pictures of the documentation, beside this file.

    apt install chromium          (or another Chromium; CHROMIUM=/path/to/it names it)
    make pictures

Half a minute, by hand, when what a picture shows has changed: no test and no build makes them. What a
terminal shows is what the command wrote, colours included; pages are what the browser shows.
"""

from __future__ import annotations

import contextlib
import html
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BIN = Path(sys.executable).parent
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium-browser") or "chromium"
ADDRESS = "http://127.0.0.1:8818"
LARGEST = 150_000
COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "34": "#79c0ff", "36": "#56d4dd"}
TERMINAL = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; padding: 18px 22px; background: #0d1117; color: #e6edf3 }}
pre {{ font: 15px/1.45 "DejaVu Sans Mono", monospace }}
pre {{ margin: 0; white-space: pre }} .p {{ color: #7d8590 }}
</style><pre>{}</pre>"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        shutil.copytree(ROOT / "examples/first-mapping", work / "first")
        shutil.copytree(ROOT / "mappings", work / "mappings")
        first, alma = work / "first", work / "mappings/adlibris"
        wrong = ["run", "po_line.yaml", "--sink", "files", "--sink-option", "directory=out"]
        terminal("error", first, wrong, width=112)
        terminal("preview", work, ["preview", "mappings/adlibris/po_line.yaml"], width=142,
                 part=("  owner = ", "  acquisition_method = "))  # fmt: skip
        with simulator():
            post(alma)
            browser("simulator", f"{ADDRESS}/", 1280, 640)
        site = work / "site"
        run([str(BIN / "mkdocs"), "build", "--quiet", "--site-dir", str(site)], ROOT)
        browser("filters", (site / "filters/index.html").as_uri(), 1000, 640)
    for picture in sorted(HERE.glob("*.png")):
        size = picture.stat().st_size
        print(f"{picture.name}: {size:,} bytes")
        if size > LARGEST:
            raise SystemExit(f"{picture.name} is larger than {LARGEST:,} bytes: show less")


def terminal(name: str, folder: Path, words: list[str], width: int, part: tuple[str, ...] = ()) -> None:
    """A picture of a command and what it says. `part`: of a long answer only what is from here to there."""
    said = on_a_terminal([str(BIN / "etl"), *words], folder, width)
    lines = said.rstrip().splitlines()
    if part:
        begins, ends = part
        start = next(at for at, line in enumerate(lines) if line.startswith(begins))
        stop = next(at for at, line in enumerate(lines) if line.startswith(ends) and at > start)
        lines = [lines[0], "…", *lines[start:stop], "…"]
    shown = "\n".join([f'<span class="p">$ etl {html.escape(" ".join(words))}</span>', *map(coloured, lines)])
    page = folder / f"{name}.html"
    page.write_text(TERMINAL.format(shown), encoding="utf-8")
    longest = max(len(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in [*lines, "$ etl " + " ".join(words)])
    browser(name, page.as_uri(), int(longest * 9.05) + 46, int((len(lines) + 1) * 21.75) + 40)


def on_a_terminal(command: list[str], folder: Path, width: int) -> str:
    """What the command writes when it believes that somebody sits there."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(width), "TERM": "xterm-256color"}
    done = subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, env=environment
    )
    os.close(theirs)
    said = b""
    with contextlib.suppress(OSError):  # the end of a terminal is told as an error
        while piece := os.read(ours, 65536):
            said += piece
    os.close(ours)
    done.wait()
    return re.sub(r"[^\n]*\r(?!\n)", "", said.decode().replace("\r\n", "\n"))  # progress is written over


def coloured(line: str) -> str:
    """Colours of the terminal as those of a page."""

    def as_page(found: re.Match[str]) -> str:
        if found[1] == "0":
            return "</span>"
        return f'<span style="color: {COLOURS[found[1]]}">' if found[1] in COLOURS else ""

    return re.sub(r"\x1b\[([0-9;]*)[A-Za-z]", as_page, html.escape(line))


def browser(name: str, address: str, width: int, height: int) -> None:
    """A picture of a page, in a profile of its own, with nothing asked of anybody's network."""
    with tempfile.TemporaryDirectory() as profile:
        quiet = ("gpu", "quic", "background-networking", "component-update", "sync")
        run(
            [
                *(CHROMIUM, "--headless", "--no-sandbox", "--no-first-run", "--hide-scrollbars"),
                *(f"--disable-{one}" for one in quiet),
                *(f"--user-data-dir={profile}", f"--window-size={width},{height}"),
                *(f"--screenshot={HERE / name}.png", address),
            ],
            ROOT,
        )


@contextlib.contextmanager
def simulator() -> Iterator[None]:
    """An Alma on this machine, as long as it is needed."""
    port = ADDRESS.rpartition(":")[2]
    started = subprocess.Popen([str(BIN / "etl"), "simulator", "--port", port], stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{ADDRESS}/state.json").close()
                break
            time.sleep(0.1)
        yield
    finally:
        started.terminate()
        started.wait()


def post(folder: Path) -> None:
    """The orders of a sample, posted; some wait for a person there."""
    environment = {**os.environ, "ALMA_KEY": "simulator-key"}
    options = (f"base_url={ADDRESS}", "key=env:ALMA_KEY", "ledger=ledger.sqlite", "institution=simulator")
    words = [word for one in options for word in ("--sink-option", one)]
    create = [str(BIN / "etl"), "ledger", "create", "--ledger", "ledger.sqlite"]
    subprocess.run(create, cwd=folder, check=True)
    command = [str(BIN / "etl"), "run", "po_line.yaml", "--sink", "alma", *words]
    subprocess.run(command, cwd=folder, env=environment, check=False)
    time.sleep(6)  # until the simulator has looked at them


def run(command: list[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
