"""Every way to stop, after a run that went well → report.json says what the process ended with, or is that run's still.

The rule of docs/commands.md: from the moment the mapping is loaded, whatever stops a run is in its report. A command line or a
mapping that cannot be read, and a report folder that cannot be written, leave everything as it was.
"""

from __future__ import annotations

import errno
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from six_orders import FILES, ORDERS, ROWS, Desk

from etl.cli.main import run_cli
from etl.problems import LedgerRefusal, Problem, Unavailable
from etl.registry import Registry
from etl.run import rows
from etl.run.mapped import Mapped
from etl.sinks import files as files_sink

Break = Callable[[Path, pytest.MonkeyPatch], None]


def file(name: str, content: str | bytes) -> Break:
    def written(folder: Path, _: pytest.MonkeyPatch) -> None:
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)

    return written


def mapping(old: str, new: str) -> Break:
    def changed(folder: Path, _: pytest.MonkeyPatch) -> None:
        text = (folder / "m.yaml").read_text(encoding="utf-8")
        assert old in text
        (folder / "m.yaml").write_text(text.replace(old, new), encoding="utf-8")

    return changed


def raising(where: Any, name: str, error: BaseException, after: int = 0) -> Break:
    """The call number `after` + 1 fails."""

    def broken(_: Path, patch: pytest.MonkeyPatch) -> None:
        usual, left = getattr(where, name), after

        def called(*words: Any, **named: Any) -> Any:
            nonlocal left
            left -= 1
            if left == -1:
                raise error
            return usual(*words, **named)

        patch.setattr(where, name, called)

    return broken


def told(where: Any, name: str, number: signal.Signals) -> Break:
    def hooked(_: Path, patch: pytest.MonkeyPatch) -> None:
        usual = getattr(where, name)

        def called(*words: Any, **named: Any) -> Any:
            os.kill(os.getpid(), number)
            return usual(*words, **named)

        patch.setattr(where, name, called)

    return hooked


FULL = OSError(errno.ENOSPC, "No space left on device")
WRONG = Problem("E810", "an invented reason")
STOPS: dict[str, tuple[Break, int]] = {
    "no input": (lambda folder, _: (folder / "in.csv").unlink(), 2),
    "an empty input": (file("in.csv", ""), 2),
    "an input in another encoding": (file("in.csv", b"id;titel\n1;\x81\x8d\x8f\x00\n"), 2),
    "an input without the column": (file("in.csv", "id;namn\n1;a\n"), 2),
    "an input that goes away": (raising(rows, "read_to_the_end", FileNotFoundError(2, "gone", "in.csv")), 2),
    "an input that is a link to nothing": (
        lambda folder, _: ((folder / "in.csv").unlink(), (folder / "in.csv").symlink_to("nothing"))[0],
        2,
    ),
    "a mapping that cannot be compiled": (mapping("{{ titel }}", "{{ titel | nofilter }}"), 2),
    "a table that is not there": (mapping("key: [id]", "key: [id]\nlookups: {a: {file: a.csv, key: k}}"), 2),
    "an option of the sink that does not fit": (
        lambda _, patch: patch.setenv("ETL_SINK_OPTION_FORMAT", "csv"),
        2,
    ),
    "a guard": (mapping("key: [id]", "key: [id]\nguards: {max_documents: 2}"), 4),
    "Ctrl-C while it is compiled": (raising(Registry, "installed", KeyboardInterrupt()), 130),
    "SIGTERM while it is read": (told(rows, "read_to_the_end", signal.SIGTERM), 130),
    "SIGINT while it is mapped": (told(Mapped, "_settle", signal.SIGINT), 130),
    "no memory while it is mapped": (raising(Mapped, "_deliverable", MemoryError(), 3), 2),
    "a service away while it is read": (raising(rows, "read_to_the_end", Unavailable(WRONG)), 5),
    "another's ledger": (raising(files_sink, "whole_files", LedgerRefusal(WRONG)), 4),
    "a bug while it is compiled": (raising(Registry, "installed", ZeroDivisionError()), 70),
    "a bug while it is mapped": (raising(Mapped, "_deliverable", ZeroDivisionError(), 3), 70),
    "a bug while it is delivered": (raising(files_sink, "whole_files", ZeroDivisionError(), 3), 70),
    "a full disk": (raising(files_sink, "whole_files", FULL), 2),
    "a full disk after a part": (raising(files_sink, "whole_files", FULL, 3), 6),
    "SIGHUP while it is delivered": (told(files_sink, "whole_files", signal.SIGHUP), 130),
}
UNTOUCHED: dict[str, tuple[Break, tuple[str, ...]]] = {
    "an option that there is not": (lambda *_: None, ("--nonsense",)),
    "a mapping that is not there": (lambda folder, _: (folder / "m.yaml").unlink(), FILES),
    "a mapping that is no YAML": (file("m.yaml", "a: [\n"), FILES),
    "places that are one": (lambda *_: None, ("--sink", "files", "--sink-option", "directory=etl-report/t")),
    "a disk without room for a report": (raising(os, "fsync", FULL), FILES),
}


@pytest.fixture
def before(desk: Desk) -> bytes:
    assert desk.run()[0] == 0
    for path in (desk.folder / "out").iterdir():
        path.unlink()
    return (desk.folder / "etl-report/t/report.json").read_bytes()


def ended(desk: Desk, code: int, place: str) -> dict[str, Any]:
    report = desk.report(place)
    assert (report["exit_code"], report["finished"]) == (code, True)
    assert report["adds_up"]
    assert (report["stopped"] is not None) != report["interrupted"]
    assert sum(report["records"].values()) == report["read"]
    assert not list((desk.folder / place).glob(".unfinished*"))
    return report


@pytest.mark.parametrize("way", STOPS)
def test_the_report_says_what_the_process_ended_with(
    desk: Desk, before: bytes, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    disturb, code = STOPS[way]
    with monkeypatch.context() as patch:
        disturb(desk.folder, patch)
        got, said = desk.run()
    assert got == code, said
    report = ended(desk, code, "etl-report/t")
    delivered = sum(report["records"].get(one, 0) for one in ("written", "unknown"))
    assert len(desk.written()) <= delivered
    if code in (2, 4):
        assert delivered == 0
        assert "nothing was delivered" in said
    if code == 130:
        assert "interrupted:" in said
    if code != 70:
        assert said.rstrip().endswith(f"report: {Path('etl-report/t/report.json')}")


@pytest.mark.parametrize("way", UNTOUCHED)
def test_what_comes_before_touches_nothing(
    desk: Desk, before: bytes, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    disturb, words = UNTOUCHED[way]
    with monkeypatch.context() as patch:
        disturb(desk.folder, patch)
        code, said = desk.run(*words)
    assert code == 2, said
    assert "report.json" not in said
    assert (desk.folder / "etl-report/t/report.json").read_bytes() == before
    assert desk.written() == []


@pytest.mark.parametrize("stop", ["a second input without the column", "a signal", "no memory"])
def test_what_was_read_before_the_stop_is_not_lost(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, stop: str
) -> None:
    """Rejected and held records of it are in its report."""
    checks = "checks:\n  - {if: \"{{ id == '2' }}\", hold: look}\n  - {if: \"{{ id == '3' }}\", reject: no}\n"
    with (desk.folder / "m.yaml").open("a") as stream:
        stream.write(checks)
    (desk.folder / "b.csv").write_bytes(b"id;namn\n1;a\n" if stop.startswith("a second") else b"id;titel\n")
    with monkeypatch.context() as patch:
        if stop == "a signal":
            told(Mapped, "_deliverable", signal.SIGINT)(desk.folder, patch)
            (desk.folder / "in.csv").write_text("id;titel\n2;b\n3;c\n1;a\n4;d\n")
        if stop == "no memory":
            raising(Mapped, "_deliverable", MemoryError(), 2)(desk.folder, patch)
        code, said = desk.run("in.csv", "b.csv", *FILES)
    assert code == (130 if stop == "a signal" else 2), said
    report = ended(desk, code, "etl-report/t")
    assert (report["records"]["held"], report["records"]["rejected"]) == (1, 1)
    for name in ("held", "rejected"):
        lines = (desk.folder / f"etl-report/t/{name}.ndjson").read_text().splitlines()
        assert [bool(json.loads(line)) for line in lines] == [True]
    assert report["documents"]["held"] == 1
    assert desk.written() == []


# ---------------------------------------------------------------------------------------------- etl plan

PLANS: dict[str, tuple[Break, int, str]] = {
    "somebody's file": (file("p.plan", "my letter"), 2, "E612"),
    "a folder that is a file": (
        lambda folder, _: (folder / "p.plan").symlink_to(folder / "in.csv" / "x"),
        2,
        "E849",
    ),
    "an empty input": (file("in.csv", ""), 2, "E301"),
    "a guard": (mapping("key: [id]", "key: [id]\nguards: {max_documents: 2}"), 4, "E701"),
    "a signal": (told(Mapped, "_settle", signal.SIGTERM), 130, "interrupted"),
    "an input that changes meanwhile": (
        lambda folder, patch: patch.setattr(Mapped, "_deliverable", changing(folder / "in.csv", Mapped._deliverable)),
        2,
        "E851",
    ),
}


def changing(path: Path, usual: Callable[..., None]) -> Callable[..., None]:
    def called(*words: Any) -> None:
        path.write_text(ORDERS + "7;Ny\n", encoding="utf-8")
        usual(*words)

    return called


@pytest.mark.parametrize("way", PLANS)
def test_a_plan_that_fails_says_so_and_nothing_else(
    desk: Desk, before: bytes, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    disturb, code, words = PLANS[way]
    desk.capture.readouterr()
    with monkeypatch.context() as patch:
        disturb(desk.folder, patch)
        got = run_cli(["plan", "m.yaml", "--out", "p.plan", *FILES])
    said = "".join(desk.capture.readouterr())
    assert got == code, said
    assert words in said
    assert f"{ROWS} written" not in said
    assert said.rstrip().endswith("no plan was written")
    report = ended(desk, code, "etl-report/t-plan")
    assert "written" not in report["records"]
    assert (desk.folder / "etl-report/t/report.json").read_bytes() == before, "that of etl run is its own"


def test_looking_takes_nothing_away_from_who_waits(desk: Desk) -> None:
    (desk.folder / "in.csv").write_text(ORDERS + "7;a;b\n", encoding="utf-8")
    assert desk.run()[0] == 1
    kept = {path.name: path.read_bytes() for path in (desk.folder / "etl-report/t").glob("*.*")}
    (desk.folder / "in.csv").write_text(ORDERS, encoding="utf-8")
    for verb in (["plan", "m.yaml", "--out", "p.plan", *FILES], ["apply", "p.plan"], ["preview", "m.yaml", "--record", "1"],
                 ["check", "m.yaml"], ["show", "m.yaml"], ["inspect", "in.csv"]):  # fmt: skip
        assert run_cli(verb) in (0, 2), verb
    assert {path.name: path.read_bytes() for path in (desk.folder / "etl-report/t").glob("*.*")} == kept
    assert "rejected.ndjson" in kept
