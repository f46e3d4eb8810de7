"""One file of all lines: what the report says of it is what is on the disk, however the run ends."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from six_orders import ROWS, Desk

from etl.run import pipeline
from etl.run.folder import ReportFolder
from etl.testing.sink_suite import document

LINES = ("--sink", "files", "--sink-option", "file=all.ndjson")
OLD = document("of yesterday")


def check(desk: Desk, code: int, report: str = "etl-report/t") -> None:
    """All of it or nothing, and the report says which."""
    said = desk.report(report)
    found = (desk.folder / "all.ndjson").read_bytes()
    if said["records"] == {"written": ROWS}:
        assert found.count(b"\n") == ROWS
    else:
        assert said["records"] == {"not delivered": ROWS}
        assert found == OLD
    assert said["exit_code"] == code
    assert not list(desk.folder.glob(".all*"))


def at(moment: int, then: Callable[[], None], patch: pytest.MonkeyPatch) -> None:
    """Do it when the line of this number has been answered for."""
    settle, left = pipeline.Ending._settle, [moment]

    def settling(ending: pipeline.Ending, *words: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            then()
        settle(ending, *words)  # type: ignore[arg-type]

    patch.setattr(pipeline.Ending, "_settle", settling)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("moment", range(1, ROWS + 1))
def test_a_signal(desk: Desk, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, moment: int) -> None:
    (desk.folder / "all.ndjson").write_bytes(OLD)
    with monkeypatch.context() as patch:
        at(moment, lambda: os.kill(os.getpid(), number), patch)
        code, _ = desk.run(*LINES)
    assert code == 130
    check(desk, code)


def test_a_signal_while_it_takes_its_place(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    (desk.folder / "all.ndjson").write_bytes(OLD)
    take = Path.replace

    def replacing(path: Path, place: Path) -> Path:
        if place.name == "all.ndjson":
            os.kill(os.getpid(), signal.SIGTERM)
        return take(path, place)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replacing)
        code, _ = desk.run(*LINES)
    assert code == 130
    check(desk, code)
    assert desk.report()["records"] == {"written": ROWS}


@pytest.mark.parametrize("moment", range(1, ROWS + 1))
def test_the_disk_of_the_report_is_full(desk: Desk, monkeypatch: pytest.MonkeyPatch, moment: int) -> None:
    (desk.folder / "all.ndjson").write_bytes(OLD)
    made: list[ReportFolder] = []
    begin = ReportFolder.delivering

    def delivering(folder: ReportFolder, *words: object) -> None:
        made.append(folder)
        begin(folder, *words)  # type: ignore[arg-type]

    def full() -> None:
        made[0].trouble = OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(ReportFolder, "delivering", delivering)
        at(moment, full, patch)
        code, said = desk.run(*LINES)
    assert code == 2, said
    check(desk, code, "etl-report/t/unfinished-1")


def test_a_guard(desk: Desk) -> None:
    (desk.folder / "all.ndjson").write_bytes(OLD)
    (desk.folder / "m.yaml").write_text((desk.folder / "m.yaml").read_text() + "guards: {max_documents: 3}\n")
    code, said = desk.run(*LINES)
    assert code == 4, said
    check(desk, code)


@pytest.mark.parametrize("name", ["held", "raw"])
def test_a_link_in_the_report_folder(desk: Desk, name: str) -> None:
    """Found before the first document leaves, and not followed."""
    assert desk.run()[0] == 0
    theirs = desk.folder / "theirs"
    theirs.mkdir()
    (desk.folder / "etl-report/t" / name).symlink_to(theirs)
    (desk.folder / "m.yaml").write_text(
        (desk.folder / "m.yaml").read_text() + 'checks:\n  - {if: "{{ id == \'3\' }}", hold: "look"}\n'
    )
    (desk.folder / "in.csv").write_text((desk.folder / "in.csv").read_text() + "7;a;b;c\n")
    code, said = desk.run("--sink", "files", "--sink-option", "directory=other")
    assert code == 2, said
    assert "error[E604]" in said
    assert "is a link" in said
    assert list(theirs.iterdir()) == []
    assert not (desk.folder / "other").exists()


def test_many_inputs_with_records_that_cannot_be_read(desk: Desk) -> None:
    """One file is open for their bytes, however many there are."""
    resource = pytest.importorskip("resource")
    inbox = desk.folder / "inbox"
    inbox.mkdir()
    for number in range(150):
        (inbox / f"{number:03}.csv").write_text(f"id;titel\n1{number:03};ok\n{number};a;b;c;d\n")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(list(Path("/proc/self/fd").iterdir())) + 60, hard))
    try:
        code, said = desk.run("inbox", "--sink", "files", "--sink-option", "directory=out")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert code == 1, said
    assert desk.report()["records"] == {"written": 150, "rejected": 150}
    lines = (desk.folder / "etl-report/t/rejected.ndjson").read_text().splitlines()
    assert len(lines) == 150
    assert len(list((desk.folder / "etl-report/t/raw").iterdir())) == 150
