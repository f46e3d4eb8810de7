"""Every `$ etl …` block of README.md and docs/ is run, and says what the page says it says.

    <!-- in: examples/first-mapping -->   a fresh copy of that folder; later blocks of the page go on in it
    <!-- exit: 1 -->                      the exit code of the next block's last command (0 if not said)
    <!-- file: examples/x.yaml -->        the next block is that file

In expected output a line that is only … stands for any lines.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from etl.cli.main import VERBS, etl

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"((?:^<!-- .*? -->\n)*)^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NOTE = re.compile(r"<!-- (in|exit|file): (.*?) -->")
COMMANDS = ("etl ", "sed ", "cat ", "head ")


@dataclass(frozen=True)
class Block:
    """One fenced block with the notes above it."""

    line: int
    language: str
    text: str
    notes: dict[str, str]

    def commands(self) -> Iterator[tuple[str, list[str]]]:
        """Each command with the output shown below it."""
        command, shown = "", list[str]()
        for line in self.text.splitlines():
            if line.startswith("$ "):
                if command:
                    yield command, shown
                command, shown = line[2:], []
            else:
                shown.append(line)
        if command:
            yield command, shown


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [
        Block(
            text.count("\n", 0, found.start(2)) + 1,
            found[2],
            found[3],
            dict(NOTE.findall(found[1])),
        )
        for found in BLOCK.finditer(text)
    ]


def matches(shown: list[str], got: list[str]) -> bool:
    """Are the lines those shown, `…` standing for any?"""
    if not shown:
        return not got
    if shown[0].strip() == "…":
        return any(matches(shown[1:], got[at:]) for at in range(len(got) + 1))
    return bool(got) and shown[0].rstrip() == got[0].rstrip() and matches(shown[1:], got[1:])


def run(command: str, folder: Path) -> tuple[int, list[str]]:
    assert command.startswith(COMMANDS), f"not a command for pages: {command}"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "NO_COLOR": "1", "COLUMNS": "100"}
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return done.returncode, done.stdout.decode().splitlines()


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_a_page_does_what_it_says(page: Path, tmp_path: Path) -> None:
    folder = None
    for block in blocks(page):
        if "file" in block.notes:
            assert block.text == (ROOT / block.notes["file"]).read_text(encoding="utf-8"), (
                f"{page.name}:{block.line}"
            )
        if "in" in block.notes:
            folder = tmp_path / str(block.line) / "work"
            shutil.copytree(ROOT / block.notes["in"], folder)
        if block.language != "console":
            continue
        assert folder is not None, f"{page.name}:{block.line} does not say where:  <!-- in: examples/… -->"
        code = 0
        for command, shown in block.commands():
            code, got = run(command, folder)
            if shown:
                assert matches(shown, got), f"{page.name}:{block.line}  $ {command}\n" + "\n".join(got)
            else:
                assert code == 0, f"{page.name}:{block.line}  $ {command}\n" + "\n".join(got)
        assert code == int(block.notes.get("exit", 0)), f"{page.name}:{block.line} ended with {code}"


def test_the_readme_has_its_tutorial() -> None:
    commands = [command for block in blocks(ROOT / "README.md") for command, _ in block.commands()]
    assert len(commands) >= 8, "the pages are read, and the blocks are found"


def test_every_verb_has_a_section_with_its_exit_codes() -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    sections = re.findall(r"^## (.+)\n((?:(?!## ).*\n)*)", page, re.MULTILINE)
    of_verb = {verb.strip(): text for verbs, text in sections for verb in verbs.split(",")}
    assert {verb for verb in VERBS if "xit code" not in of_verb.get(verb, "")} == set()
    unnamed = [
        f"{verb} {name}"
        for verb in VERBS
        if isinstance(group := etl.get_command(click.Context(etl), verb), click.Group)
        for name in group.commands
        if not re.search(rf"\b{name}\b", of_verb[verb])
    ]
    assert unnamed == []


def links(page: Path) -> list[tuple[str, str]]:
    """(file, heading) of every link to a page of ours; a file that is not said is the page itself."""
    found = re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)", page.read_text(encoding="utf-8"))
    return [(target, anchor) for target, anchor in found if "://" not in target]


def anchors(page: Path) -> set[str]:
    """What its headings are called in a link, by the one rule that git servers and mkdocs have in common."""
    prose = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return {
        re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    }


EVERYWHERE = sorted(
    {*PAGES, *(page for folder in ("mappings", "examples") for page in (ROOT / folder).rglob("*.md"))}
)


def test_links_lead_to_a_file_and_a_heading() -> None:
    broken = []
    for page in EVERYWHERE:
        for target, anchor in links(page):
            aim = page.parent / target if target else page
            if not aim.exists() or (anchor and anchor not in anchors(aim)):
                broken.append(f"{page.relative_to(ROOT)} → {target}#{anchor}")
    assert broken == []
    assert sum(bool(anchor) for page in EVERYWHERE for _, anchor in links(page)) > 100


@pytest.mark.parametrize("start", ["README.md", "docs/index.md"])
def test_every_page_can_be_reached(start: str) -> None:
    reached: set[Path] = set()
    waiting = [ROOT / start]
    while waiting:
        page = waiting.pop()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            waiting += [(page.parent / target).resolve() for target, _ in links(page) if target]
    assert sorted(page.name for page in set(PAGES[1:]) - reached) == []


GENERATED = re.findall(
    r"^\t(.+) > (docs/\S+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
)


@pytest.mark.parametrize(("command", "page"), GENERATED, ids=[page for _, page in GENERATED])
def test_a_generated_page_is_what_the_program_says(command: str, page: str) -> None:
    program, *words = shlex.split(command)
    made = (
        [sys.executable]
        if program == "$(BIN)/python"
        else [sys.executable, "-m", program.removeprefix("$(BIN)/")]
    )
    done = subprocess.run([*made, *words], cwd=ROOT, capture_output=True, check=True)
    assert (ROOT / page).read_bytes() == done.stdout, "make pages"


def test_every_page_that_says_so_is_generated() -> None:
    saying = {
        f"docs/{page.name}" for page in PAGES if "<!-- Generated by" in page.read_text(encoding="utf-8")
    }
    assert saying == {page for _, page in GENERATED}
    assert len(saying) >= 5


def test_the_runner_notices_other_output() -> None:
    assert matches(["a", "…", "c"], ["a", "b", "b", "c"])
    assert not matches(["a", "…", "c"], ["a", "b"])
    assert not matches(["a"], ["a", "b"])
