"""Hostile text in every place it can come from, through every verb, in every format → it stays text.

No control or bidirectional character reaches the screen, no line is a command of a CI server but our own annotations, no
line looks like a message of ours that is none, and what is JSON stays JSON.
"""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import unicodedata
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import click
import pytest
from alma_shop import KEY, MAPPING, SHELVES

from etl.cli.main import VERBS, etl, run_cli
from etl.ledger.database import open_database
from etl.simulator import Limits, Settings, Simulator, Timing, running
from etl.simulator.call import Request

SECRET = "hemligt-losen"  # noqa: S105
COMMANDS = "::error title=x::forged ##[error]x ##vso[task.complete] ##teamcity[x]"
KIND = "\u202eBo\u2066k\u200b\ufeff\u2028::error::forged\u2029error[E999] forged " + COMMANDS
"""What a document may hold: Alma is sent titles as they are."""
FULL = f"{COMMANDS}\r\n::error::forged\n  ::add-mask::x\nerror[E999] forged\x1b[31m\x07\t\x7f\x9b\x85%0A::stop-commands::x{KIND}"
NAME = "::error::forged ##vso[x]\nerror[E999] forged\r\x1b[2J\x9b\u202e\u2066\u200b,a=b%0A"
"""A file may be called that, and an argument may be no text besides."""
FORMATS = ("text", "json", "github")
HEADERS = {"authorization": f"apikey {KEY}", "content-type": "application/json", "accept": "application/json"}

M, INPUT, PLAN, SHEET, DIR = f"{NAME}.yaml", f"{NAME}.csv", f"{NAME}.plan", f"{NAME}s.csv", f"{NAME}.d"
OUT = ("--report", f"{DIR}/report")
LEDGER = ("--ledger", f"{DIR}/etl-ledger.sqlite")
# verb (and what stands under it) → command lines; those that begin with + show text of others
LINES: dict[str, list[tuple[str, ...]]] = {
    "run": [("+", M, INPUT, *OUT), ("+", M, INPUT, "--sink", "files", "--sink-option", f"directory={DIR}/out", *OUT),
            ("+", M, f"gone{NAME}"), ("+", M, "--param", FULL), ("+", M, "--param", f"{FULL}=1"), ("+", M, "--sink", FULL),
            (M, "--sink-option", f"tpyo={FULL}"), ("+", "bad.yaml"), ("+", "bad-table.yaml"), ("+", M, "--run-date", FULL)],
    "plan": [("+", M, INPUT, "--out", PLAN, *OUT, "--sink", "files", "--sink-option", f"directory={DIR}/out")],
    "apply": [("+", PLAN, *OUT), ("+", f"gone{NAME}"), ("+", M)],
    "check": [("+", M, "--input", INPUT), ("+", M, "bad.yaml"), ("+", f"gone{NAME}", M), ("+", f"*{NAME}"), ("+", "--payload", f"{NAME}.json"), ("+", "bad.yaml")],
    "new": [("+", FULL, "--from", "bokus"), ("+", "x", "--from", FULL), ("+", "x", "--from", "bokus", "--into", DIR)],
    "show": [("+", M), ("+", M, "bad.yaml"), ("+", "bad.yaml")],
    "preview": [("+", M, INPUT), ("+", M, INPUT, "--record", "2"), ("+", M, INPUT, "--record", "3"),
                ("+", M, INPUT, "--find", FULL), (M, INPUT, "--find", "1")],
    "explain": [("",), ("E412",), ("+", FULL)],
    "snapshot": [("+", M), ("+", M, "--update"), ("+", M), ("+", M, "bad.yaml")],
    "list": [("",), ("filters",), ("mappings",), ("+", FULL)],
    "schema": [("mapping",), ("po_line",), ("+", FULL)],
    "inspect": [("+", INPUT), (INPUT, "--option", f"tpyo={FULL}"), ("+", INPUT, "--connector", FULL)],
    "verify": [("+", M, "--again")],
    "pull": [("+", "--institution-file", f"{DIR}/inst.json", "--mapping", M), ("+", "--institution-file", f"{DIR}/x", "--region", FULL)],
    "ledger list": [("+", *LEDGER), (FULL, *LEDGER)],
    "ledger deliveries": [("+", *LEDGER), (FULL, *LEDGER)],
    "ledger reprocess": [("+", M, *OUT), ("+", M, "--sink", FULL)],
    "ledger preview": [("+", "2", "--mapping", M, *LEDGER), ("+", FULL, *LEDGER)],
    "ledger show": [("+", "2", *LEDGER), ("+", FULL, *LEDGER)],
    "ledger export": [("+", *LEDGER), ("+", "--json", *LEDGER)],
    "ledger resolve": [("+", FULL, "--keep", *LEDGER), ("1", "--keep", "--force", "--by", FULL, *LEDGER), ("--mapping", M)],
    "ledger release": [("+", FULL, *LEDGER), ("+", "2", "--not-in-alma", "--force", "--by", FULL, *LEDGER)],
    "ledger change": [("+", f"gone{FULL}", *LEDGER), ("+", "2", "--mapping", M), ("+", "2", "--payload-file", f"{NAME}.json", "--mapping", M, "--by", FULL),
                      ("+", "2", "--over", FULL, "--mapping", M)],
    "ledger cancel": [("+", f"gone{FULL}", "--reason", FULL, *LEDGER), ("+", "2", "--reason", FULL, "--mapping", M),
                      ("+", "2", "--reason", FULL, "--comment", FULL, "--mapping", M, "--yes", "--by", FULL)],
    "ledger dismiss": [("+", FULL, "--reason", FULL, *LEDGER), ("+", "2", "--same-as", FULL, "--by", FULL, *LEDGER)],
    "ledger create": [("--ledger", f"{DIR}/new-{FULL}.sqlite"), LEDGER],
    "ledger backup": [(f"{DIR}/backup-{FULL}.sqlite", *LEDGER), (FULL, "--ledger", FULL)],
    "ledger restore": [("+", f"{DIR}/{FULL}.sqlite", *LEDGER), ("+", INPUT, "--force", *LEDGER)],
    "ledger check": [LEDGER, ("--ledger", INPUT)],
    "ledger move": [("+", FULL, "--ledger", FULL), ("+", f"{DIR}/etl-ledger.sqlite", *LEDGER)],
    "ledger prune": [("--older-than", "1", "--dry-run", *LEDGER)],
    "ledger erase-person": [(f"x{FULL}", *LEDGER), ("+", "x", "--ledger", FULL)],
    "ledger dead-letters": [("+", "--out", SHEET, *LEDGER)],
    "ledger replay": [("+", SHEET, "--mapping", M, "--yes", "--by", FULL), ("+", INPUT, "--mapping", M)],
    "requests list": [("+", "--mapping", M), ("+", "--mapping", M, "--status", FULL)],
    "requests show": [("+", "1", "--mapping", M), (FULL, "--mapping", M)],
    "requests approve": [("+", "1", "--by", FULL, "--mapping", M), ("+", "1", "--by", FULL, "--mapping", M, "--yes")],
    "requests reject": [("+", "2", "--reason", FULL, "--mapping", M, "--yes")],
    "requests cancel": [("+", "3", "--user", FULL, "--mapping", M, "--yes")],
    "simulator": [("--list-faults",), ("--print-institution",), ("+", "--faults", FULL), ("+", "--host", FULL, "--port", "0"),
                  ("+", "--allow-host", FULL), ("+", "--institution", M)],
}  # fmt: skip


class Screen:
    """What a command line puts out, as bytes that a terminal or a CI server would get."""

    def __init__(self, *words: str) -> None:
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n") for _ in range(2))
        with redirect_stdout(out), redirect_stderr(err):
            self.code = run_cli([word for word in words if word])
        out.flush(), err.flush()
        self.out, self.err = (stream.buffer.getvalue().decode() for stream in (out, err))  # type: ignore[attr-defined]


def verbs() -> Iterator[str]:
    """Every verb, and those under it."""
    with click.Context(etl) as context:
        for name in VERBS:
            command = etl.get_command(context, name)
            if isinstance(command, click.Group):
                yield from (f"{name} {below}" for below in command.commands)
            else:
                yield name


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """A folder in which every name and every cell is hostile, and an Alma that has got some of it already."""
    apps: list[Simulator] = []
    folder = tmp_path_factory.mktemp("scene")
    with (
        pytest.MonkeyPatch.context() as patch,
        running(Settings(timing=Timing.instant(), limits=Limits.none()), apps.append) as url,
    ):
        patch.setenv("SHOP_KEY", KEY)
        patch.chdir(folder)
        patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO()))
        Path(DIR).mkdir()
        mapping = MAPPING.format(url=url).replace(
            "institution: inst.json\n", f"parameters: {{ord: {{default: {quoted(KIND)}}}}}\n"
        )
        mapping = mapping.replace(
            "path: orders.csv", f"path: {quoted(INPUT.encode('utf-8', 'replace').decode())}"
        )
        mapping = mapping.replace('hold: "dear"', f"hold: {quoted(KIND)}")
        Path(M).write_text(mapping, encoding="utf-8")
        Path("shelves.csv").write_text(SHELVES + f'"{KIND}","{KIND}"\n', encoding="utf-8")
        rows = [
            ["1", "Ett", "9789199900013", "249", "BOCKER", "", "V", ""],
            [f"2{KIND}", KIND, "9789199900020", "249", "BOCKER", "", "V", KIND],
            [f"3{KIND}", KIND, "9789199900037", "2000", "BOCKER", KIND, "V", KIND],
            [f"4{FULL}", FULL, "9789199900044", "249", FULL, FULL, "V", FULL],
            [f"5{KIND}", KIND, KIND, KIND, KIND, KIND, KIND, KIND],
            [f"6{KIND}", KIND, "9789199900068", "249", f"GONE{KIND}", "", "V", KIND],
        ]  # fmt: skip
        with Path(INPUT).open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows(
                [["order", "title", "isbn", "price", "fund", "note", "shelf", FULL], *rows]
            )
        Path(f"{NAME}.json").write_text(json.dumps({FULL: FULL, "title": FULL}), encoding="utf-8")
        Path("bad.yaml").write_text(
            mapping.replace("fields:", f"{quoted(FULL)}: {quoted(FULL)}\nfields:\n  {quoted(KIND)}: 1"),
            encoding="utf-8",
        )
        Path("bad-table.yaml").write_text(mapping.replace("shelves.csv", "bad.csv"), encoding="utf-8")
        Path("bad.csv").write_text(f'code,location\nV,VUXEN\n"{KIND}",A\n"{KIND}",B\n', encoding="utf-8")
        for _ in range(3):
            wish = {"format": {"value": "P"}, "owning_library": {"value": "HBG"}, "note": [{"content": FULL}]}
            about = {"title": FULL, "author": FULL, "citation_type": {"value": "BOOK"}}
            body = json.dumps({**wish, "resource_metadata": about}).encode()
            answer = apps[0].answer(
                Request("POST", "/almaws/v1/users/anna.lind/purchase-requests", {}, HEADERS, body)
            )
            assert answer.status == 200, answer.body
        open_database("etl-ledger.sqlite", Path()).dispose()
        first = Screen("run", M, INPUT, *OUT)
        assert first.code == 1, first.err
        judge(first, "text", ("run",))
        for file in Path().glob("etl-ledger.sqlite*"):  # persons decide about orders in a copy
            shutil.copy(file, DIR)
        for words in (
            ("plan", *LINES["plan"][0][1:]),
            ("ledger", "dead-letters", *LINES["ledger dead-letters"][0][1:]),
        ):
            assert Screen(*words).code in (0, 1)
        yield apps[0]


def quoted(text: str) -> str:
    """As YAML."""
    return json.dumps(text)


def unseen(sign: str) -> bool:
    """Something that acts instead of being read; said again, in the words of Unicode."""
    kind, turns = unicodedata.category(sign), unicodedata.bidirectional(sign)
    return (kind in ("Cc", "Cs", "Co", "Zl", "Zp") and sign != "\n") or (kind == "Cf" and sign != "\u00ad") or turns in (
        "LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI")  # fmt: skip


def judge(screen: Screen, form: str, words: tuple[str, ...]) -> None:
    both = screen.out + screen.err
    assert screen.code != 70, both
    assert not {sign for sign in both if unseen(sign)}, words
    assert not re.search(r"##\w*\[", both), words
    assert SECRET not in both
    for line in both.split("\n"):
        assert not line.lstrip().startswith(("error[E999]", "warning[E999]", "hold[E999]")), line
        if line.lstrip().startswith("::"):
            assert form == "github", line
            assert re.match(r"::(error|warning|notice) \w+=[^,:]*(,\w+=[^,:]*)*::", line), line


def test_every_verb_has_a_row() -> None:
    assert set(verbs()) == set(LINES)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("verb", LINES)
def test_text_of_others_stays_text(scene: Simulator, verb: str, form: str) -> None:
    del scene
    words = ("--format", form) if verb != "simulator" else ()
    for line in LINES[verb]:
        shows, rest = (line[0] == "+"), [word for word in line if word != "+"]
        screen = Screen(*verb.split(), *rest, *words)
        judge(screen, form, line)
        assert not shows or "forged" in screen.out + screen.err, (
            f"{line!r} says {screen.code} {screen.out}{screen.err}"
        )
        if (
            form == "json" and screen.out and verb not in ("simulator", "show")
        ):  # those print what they print in every form
            assert [
                json.loads(one)
                for one in (screen.out.splitlines() if verb == "ledger export" else [screen.out])
            ]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("verb", LINES)
def test_so_do_arguments_that_nobody_expects(scene: Simulator, verb: str, form: str) -> None:
    del scene
    for extra in (f"--{NAME}\udc80", f"{NAME}\udc80", FULL, f"--format={FULL}", f"--debug={FULL}"):
        screen = Screen(*verb.split(), *([] if verb == "simulator" else ["--format", form]), extra)
        judge(screen, form, (verb, extra))
        assert screen.code in (0, 1, 2, 3, 4)
    judge(Screen(FULL), form, (FULL,))
