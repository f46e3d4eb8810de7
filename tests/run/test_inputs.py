"""What a person named, and what stands there instead of a file: every one is told, nothing is read, nothing waits."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from etl.cli.main import run_cli
from etl.plugin import Refusal
from etl.regular_files import look_for
from etl.run.inputs import resolve

MAPPING = """\
version: 1
name: case
target: po_line
source: {connector: csv, path: inbox}
key: id
fields:
  owner: MAIN
  type: PRINTED_BOOK_OT
  resource_metadata: {title: "{{ id }}"}
"""


def no_file(path: Path) -> None:
    os.mkfifo(path)


def a_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as own:
        here = Path.cwd()
        os.chdir(path.parent)  # the name of a socket may not be long
        own.bind(path.name)
        os.chdir(here)


def a_loop(path: Path) -> None:
    path.symlink_to(path.name)


def two_that_lead_to_each_other(path: Path) -> None:
    path.symlink_to("other")
    (path.parent / "other").symlink_to(path.name)


def broken_encoding(path: Path) -> None:
    Path(os.fsdecode(os.fsencode(path.with_suffix("")) + b"\xe5.csv")).write_text("id\n1\n")


UNSEEN: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "a link to a drive that is gone": (lambda path: path.symlink_to("/gone/drive/orders.csv"), "E607", "is not there"),
    "a link to a link to nothing": (
        lambda path: [path.symlink_to("second"), (path.parent / "second").symlink_to("nothing")], "E607", "a link to",
    ),
    "a link to itself": (a_loop, "E607", "leads back to itself"),
    "links in a ring": (two_that_lead_to_each_other, "E607", "leads back to itself"),
    "a fifo": (no_file, "E608", "a pipe (fifo)"),
    "a link to a fifo": (lambda path: [no_file(path.parent / ".f"), path.symlink_to(".f")], "E608", "a pipe (fifo)"),
    "a socket": (a_socket, "E608", "a socket"),
    "a device": (lambda path: path.symlink_to("/dev/zero"), "E608", "a device"),
    "a name that is no text": (broken_encoding, "E607", "no text in UTF-8"),
}  # fmt: skip


@pytest.fixture(autouse=True)
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a mapping, and an inbox with one good file."""
    (tmp_path / "inbox" / "deep").mkdir(parents=True)
    (tmp_path / "inbox" / "a.csv").write_text("id\n1\n")
    (tmp_path / "mapping.yaml").write_text(MAPPING)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(*paths: str) -> list[tuple[str, str]]:
    """(code, path) of everything that is wrong."""
    with pytest.raises(Refusal) as refusal:
        resolve(paths, io.BytesIO())
    return [(one.code, one.data.file) for one in refusal.value.problems if one.data]


def said(capfd: pytest.CaptureFixture[str], code: int, *words: str) -> str:
    assert run_cli([*words]) == code
    out, err = capfd.readouterr()
    assert "E900" not in err
    assert "Traceback" not in err
    return out + err


@pytest.mark.parametrize("way", ["inbox", "inbox/*.csv", "inbox/**/*.csv", "in*/*", "inbox/x.csv"])
@pytest.mark.parametrize("kind", UNSEEN)
def test_what_cannot_be_looked_at_refuses_the_run(
    kind: str, way: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    make, code, words = UNSEEN[kind]
    make(tmp_path / "inbox" / "x.csv")
    if kind == "a name that is no text":
        way = way.replace("x.csv", "x*.csv")
    told = said(capfd, 2, "run", "mapping.yaml", way, "--report", "report")
    assert f"error[{code}]" in told
    assert words in told
    assert "inbox/x" in told
    report = json.loads((tmp_path / "report/report.json").read_text(encoding="utf-8"))
    assert (report["exit_code"], report["read"], report["records"]) == (2, 0, {})


def test_every_one_is_named(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    no_file(inbox / "f.csv")
    (inbox / "l.csv").symlink_to("nothing")
    a_loop(inbox / "deep" / "r.csv")
    assert sorted(refused("inbox", "inbox/*/r.csv", "missing.csv", "none/*.csv")) == [
        ("E601", "missing.csv"),
        ("E601", "none"),
        ("E607", "inbox/deep/r.csv"),
        ("E607", "inbox/l.csv"),
        ("E608", "inbox/f.csv"),
    ]  # fmt: skip


def test_a_folder_on_the_way_is_looked_at_too(tmp_path: Path) -> None:
    (tmp_path / "inbox" / "drive").symlink_to("/gone/drive")
    assert refused("inbox/*/x.csv") == [("E607", "inbox/drive")]
    assert refused("inbox/drive/*.csv") == [("E607", "inbox/drive")]
    assert refused("inbox/drive/x.csv") == [("E607", "inbox/drive/x.csv")]
    assert refused("inbox/**/x.csv") == [("E607", "inbox/drive")]


def test_what_is_left_out_on_purpose(tmp_path: Path) -> None:
    (tmp_path / "inbox" / ".hidden").symlink_to("nothing")
    (tmp_path / "inbox" / ".lock").mkdir()
    (tmp_path / "inbox" / "deep" / "up").symlink_to("..")  # shows nothing that was not shown
    (tmp_path / "inbox" / "deep" / "b.csv").write_text("id\n2\n")
    found = {way: [source.name for source in resolve([way], io.BytesIO())[0]] for way in
             ("inbox", "inbox/*", "inbox/**/*.csv", "**/*.csv", "./inbox/[a-z].csv", "inbox/*/b.csv", "inbox/deep/up/a.csv")}  # fmt: skip
    assert found == {
        "inbox": ["inbox/a.csv"],
        "inbox/*": ["inbox/a.csv"],
        "inbox/**/*.csv": ["inbox/a.csv", "inbox/deep/b.csv"],
        "**/*.csv": ["inbox/a.csv", "inbox/deep/b.csv"],
        "./inbox/[a-z].csv": ["./inbox/a.csv"],
        "inbox/*/b.csv": ["inbox/deep/b.csv"],
        "inbox/deep/up/a.csv": ["inbox/deep/up/a.csv"],
    }


@pytest.mark.parametrize("name", ["", "a\0b", "x" * 300, "inbox/a.csv/b.csv", "inbox/a.csv/*.csv"])
def test_names_that_are_none(name: str) -> None:
    [(code, _)] = refused(name)
    assert code in ("E601", "E607")


# --------------------------------------------------------------------------------------- permissions

FORBIDDING = """\
import os, sys
from etl.cli.main import run_cli
run_cli(["run", "mapping.yaml", "inbox/a.csv", "--report", "warm", "--sink", "stdout"])  # loads what it needs
if os.geteuid() == 0:
    os.setuid(65534)
sys.stderr.write("-----")
sys.exit(run_cli(sys.argv[1:]))
"""
FORBIDDEN = {
    "a file": ("inbox/b.csv", 0o000, "inbox", 'b.csv" may not be read'),
    "a file of a pattern": ("inbox/b.csv", 0o000, "inbox/*.csv", 'b.csv" may not be read'),
    "a folder without r": ("inbox/shut", 0o333, "inbox/shut", "may not be listed"),
    "a folder without x": ("inbox/shut", 0o666, "inbox/shut", "may not be listed"),
    "a folder of a pattern": ("inbox/shut", 0o333, "inbox/shut/*.csv", "may not be listed"),
    "a folder in the middle": ("inbox/shut", 0o000, "inbox/*/x.csv", "may not be"),
    "a folder below": ("inbox/shut", 0o000, "inbox/**/*.csv", "may not be listed"),
    "a file in a folder without x": ("inbox/shut", 0o666, "inbox/shut/x.csv", "may not be read"),
}


@pytest.mark.parametrize("kind", FORBIDDEN)
def test_what_this_user_may_not_see_refuses_the_run(kind: str, tmp_path: Path) -> None:
    """In a process that is nobody's, for the system's administrator may read everything."""
    path, mode, way, words = FORBIDDEN[kind]
    place = tmp_path / path
    if place.suffix:
        place.write_text("id\n2\n")
    else:
        place.mkdir()
        (place / "x.csv").write_text("id\n2\n")
    for folder in (tmp_path, tmp_path / "inbox"):
        folder.chmod(0o777)
    place.chmod(mode)
    try:
        done = subprocess.run(
            [sys.executable, "-c", FORBIDDING, "run", "mapping.yaml", way, "--report", "report"],
            capture_output=True, text=True, check=False, cwd=tmp_path,
        )  # fmt: skip
    finally:
        place.chmod(0o700)
    told = done.stderr.split("-----")[-1]
    assert (done.returncode, "error[E607]" in told, words in told) == (2, True, True), done.stderr
    assert not (tmp_path / "report").exists()


# --------------------------------------------------------------------------- between finding and reading


def test_a_folder_that_goes_away_while_it_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = os.scandir

    def vanishing(path: str) -> Any:
        entries = whole(path)
        for child in (tmp_path / "inbox").iterdir():
            child.rmdir() if child.is_dir() else child.unlink()
        (tmp_path / "inbox").rmdir()
        return entries

    monkeypatch.setattr(os, "scandir", vanishing)
    assert refused("inbox") == [("E607", "inbox")]


def test_a_folder_that_cannot_be_listed_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    class Breaking:
        def __enter__(self) -> Iterator[os.DirEntry[str]]:
            raise OSError(5, "Input/output error")

        def __exit__(self, *rest: object) -> None: ...

    monkeypatch.setattr(os, "scandir", lambda _path: Breaking())
    assert refused("inbox") == [("E607", "inbox")]
    assert refused("inbox/*.csv") == [("E607", "inbox")]


@pytest.mark.parametrize("change", ["removed", "cut", "longer", "a fifo now"])
def test_a_file_that_changes_after_it_was_found(
    change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "inbox" / "a.csv"
    path.write_text("id\n1\n2\n3\n")

    def changed(*given: Any) -> Any:
        found = resolve(*given)
        if change == "cut":
            os.truncate(path, 5)
        elif change == "longer":
            path.write_text("id\n1\n2\n3\n4\n")
        else:
            path.unlink()
            if change == "a fifo now":
                no_file(path)
        return found

    monkeypatch.setattr("etl.cli.compiled.resolve", changed)
    told = said(capfd, 2, "run", "mapping.yaml", "--report", "report", "--sink", "stdout")
    assert "error[E300]" in told
    assert '"id": "1"' not in told


# ------------------------------------------------------------------------------- every other named file


def other_files() -> dict[str, tuple[list[str], str]]:
    """Verb → (its words, the code with which it refuses)."""
    return {
        "inspect": (["inspect", "odd"], "E60"),
        "preview": (["preview", "mapping.yaml", "odd"], "E60"),
        "plan": (["plan", "mapping.yaml", "odd", "--out", "p.ndjson"], "E60"),
        "apply": (["apply", "odd"], "E601"),
        "payload": (["check", "--target", "po_line", "--payload", "odd"], "E601"),
        "institution": (["check", "mapping.yaml", "--institution-file", "odd"], "E840"),
        "snapshot": (["snapshot", "odd.yaml"], "E60"),
        "replay": (["ledger", "replay", "odd", "--region", "eu", "--key", "env:NOSUCH"], "E852"),
    }


@pytest.mark.parametrize(
    "kind", ["a fifo", "a link to itself", "a link to a drive that is gone", "a device", "a folder"]
)
def test_no_verb_waits_for_what_is_no_file(
    kind: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    make = Path.mkdir if kind == "a folder" else UNSEEN[kind][0]
    make(tmp_path / "odd")
    (tmp_path / "odd.yaml").write_text(MAPPING.replace("path: inbox", "path: odd"))
    for verb, (words, code) in other_files().items():
        if kind == "a folder" and code == "E60":
            continue  # it is read: it is empty
        assert run_cli(words) == 2, verb
        told = capfd.readouterr().err
        assert f"[{code}" in told, (verb, told)


def test_an_overlay_that_cannot_be_looked_at_is_named(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "inbox" / "a.csv").unlink()
    (tmp_path / "inbox" / "orders.jsonl").write_text(json.dumps({"orderNumber": "1", "title": "x"}) + "\n")
    no_file(tmp_path / "inbox" / "night.mrc")
    options = "options: {layout: oasis_order, overlay: {path: 'night.*', missing: MISSING}}"
    for missing, code in (("refuse", 2), ("warn", 1)):
        text = MAPPING.replace("csv, path: inbox", f"oasis, path: inbox/*.jsonl, {options}").replace(
            "MISSING", missing
        )
        (tmp_path / "mapping.yaml").write_text(
            text.replace("key: id", "key: order_id").replace("{{ id }}", "{{ title }}")
        )
        told = said(capfd, code, "run", "mapping.yaml", "--report", "report", "--sink", "stdout")
        assert "[E390]" in told
        assert "a pipe (fifo)" in told


@pytest.mark.parametrize("room", [0, 1, 20_014, (1 << 20) + 5, 48_794 + (1 << 20)])
def test_standard_input_is_kept_whole_or_refused(room: int) -> None:
    """A disk that takes a part of the last piece says so at the next one only."""
    resource = pytest.importorskip("resource")
    given = b"x" * (48_795 + (1 << 20))
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
        with pytest.raises(Refusal) as refused:
            resolve(["-"], io.BytesIO(given))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert [problem.code for problem in refused.value.problems] == ["E604"]
    (source,), _ = resolve(["-"], io.BytesIO(given))
    assert source.size == len(given)
    for _ in range(2):
        with source.open() as stream:
            assert stream.read() == given


def test_a_link_back_up_shows_nothing_twice(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.csv").write_text("id\n1\n")
    (tmp_path / "in/back").symlink_to(tmp_path / "in")
    found = look_for(f"{tmp_path}/in/**")
    assert (found.files, found.unseen) == ([str(tmp_path / "in/a.csv")], [])


def test_no_name_at_all() -> None:
    (unseen,) = look_for("").unseen
    assert (unseen.kind, unseen.why) == ("no file", "names no file")
