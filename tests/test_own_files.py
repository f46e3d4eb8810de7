"""What etl replaces or removes → only what it made, whatever else lies about."""

from __future__ import annotations

import ast
import os
import stat
import sys
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.own_files import OwnFolder, refuse_others, remove_own, whole_file, write_whole
from etl.problems import Refusal

ROOT = Path(__file__).parent.parent
OURS = b"ours"


def ours(head: bytes) -> bool:
    return head.startswith(OURS)


# ------------------------------------------------------------------------------------------- one door

_TAKING = {"unlink", "rmdir", "rmtree", "remove", "removedirs", "replace", "rename", "renames", "move", "truncate"}
_MAKING = {"mkstemp", "mkdtemp", "NamedTemporaryFile"}
_ELSEWHERE = {
    "etl/run/folder.py": {"truncate"},  # its own report.json, over the room that was kept for it
}


def _calls(tree: ast.AST) -> set[str]:
    """Names of calls that take files away, on anything that is not evidently text or a list."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in ("os", "shutil", "tempfile"):
            found |= {alias.name for alias in node.names} & (_TAKING | _MAKING)
        if not isinstance(node, ast.Call):
            continue
        if not isinstance(node.func, ast.Attribute):
            continue
        name, arguments = node.func.attr, len(node.args)
        of_module = isinstance(node.func.value, ast.Name) and node.func.value.id in ("os", "shutil", "tempfile")
        if of_module and name in (_TAKING | _MAKING):
            found.add(name)
        elif name in ("unlink", "rmdir", "rmtree", "rename") or (name == "replace" and arguments == 1):
            if not node.keywords or name == "unlink":  # dataclasses.replace(x, a=1) is no file's
                found.add(name)
        elif name == "truncate":
            found.add(name)
    return found


def test_files_are_replaced_and_removed_in_one_place() -> None:
    """Everything else asks etl/own_files.py, which knows what is ours."""
    wrong = {}
    for package in ("etl", "connectors"):
        for path in sorted((ROOT / package).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if name == "etl/own_files.py":
                continue
            found = _calls(ast.parse(path.read_text(encoding="utf-8"))) - _ELSEWHERE.get(name, set())
            if found:
                wrong[name] = found
    assert wrong == {}


# ------------------------------------------------------------------------------------------- one file


def print_and_break(stream: BinaryIO, broken: Exception) -> None:
    stream.write(OURS)
    raise broken


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    place = tmp_path / "deep/er/a.json"
    broken = RuntimeError("the mapping broke")
    with pytest.raises(RuntimeError), whole_file(place, mode=0o640, ours=ours) as stream:
        print_and_break(stream, broken)
    assert list((tmp_path / "deep/er").iterdir()) == []
    write_whole(place, OURS, mode=0o640, ours=ours)
    assert place.read_bytes() == OURS
    assert stat.S_IMODE(place.stat().st_mode) == 0o640


def _left_as(place: Path) -> tuple[int, ...]:
    """What says that a place is the one it was: all of its status but when it was last read, which a refusal may do."""
    now = place.lstat()
    return (now.st_mode, now.st_ino, now.st_dev, now.st_nlink, now.st_uid, now.st_gid, now.st_size, now.st_mtime_ns)


@pytest.mark.parametrize("kind", ["file", "folder", "fifo", "linked", "device"])
def test_what_is_not_ours_stays(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "x"
    if kind == "folder":
        place.mkdir()
    elif kind == "fifo":
        os.mkfifo(place)
    elif kind == "device":
        place = Path(os.devnull)
    else:
        named = tmp_path / "theirs" if kind == "linked" else place
        named.write_bytes(b"theirs")
        if kind == "linked":
            place.symlink_to(named)
    before = _left_as(place)
    with pytest.raises(Refusal) as refused:
        write_whole(place, OURS, mode=0o640, ours=ours)
    assert refused.value.problems[0].code == "E612"
    assert _left_as(place) == before
    if kind in ("file", "linked"):
        assert place.read_bytes() == b"theirs"


@pytest.mark.parametrize("content", [b"", OURS + b" of yesterday"])
def test_what_is_ours_or_empty_is_replaced(tmp_path: Path, content: bytes) -> None:
    place = tmp_path / "a"
    place.write_bytes(content)
    refuse_others(place, ours)
    write_whole(place, OURS, mode=0o600, ours=ours)
    assert place.read_bytes() == OURS


def test_a_link_stays_a_link_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "codes.json").write_bytes(OURS)
    link = tmp_path / "codes.json"
    link.symlink_to(shared / "codes.json")
    write_whole(link, OURS + b" anew", mode=0o644, ours=ours)
    assert link.is_symlink()
    assert (shared / "codes.json").read_bytes() == OURS + b" anew"
    assert sorted(path.name for path in shared.iterdir()) == ["codes.json"]


def test_empty_folders_go_up_to_the_root_and_no_further(tmp_path: Path) -> None:
    (tmp_path / "root/a/b").mkdir(parents=True)
    (tmp_path / "root/a/b/1").write_bytes(OURS)
    remove_own(tmp_path / "root/a/b/1", tmp_path / "root")
    assert [path.name for path in tmp_path.rglob("*")] == ["root"]


# ------------------------------------------------------------------------------------------- a folder

_NAMES = st.sampled_from(["report.json", "a.ndjson", "held/1.json", "held/2.json", "raw/1-x", "raw/2-y"])
_OTHERS = st.sampled_from(["notes.txt", "held/mine.xlsx", "raw/deep/er.txt", "sub/ledger.sqlite", "held/2.json", "a.ndjson"])


def folder(place: Path) -> OwnFolder:
    return OwnFolder(place, ".mark", "made by a test", "report.json")


def fill(made: OwnFolder, names: set[str], text: str) -> None:
    for name in names:
        path = made.work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text} {name}")


def tree(place: Path) -> dict[str, str]:
    return {
        path.relative_to(place).as_posix(): path.read_text()
        for path in sorted(place.rglob("*"))
        if path.is_file() and path.name != ".mark"
    }


@given(runs=st.lists(st.sets(_NAMES), min_size=1, max_size=4), others=st.sets(_OTHERS))
def test_each_run_replaces_its_own_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, runs: list[set[str]], others: set[str]
) -> None:
    place = tmp_path_factory.mktemp("own") / "report"
    made = folder(place)
    fill(made, runs[0], "0")
    made.put_in_place()
    theirs = {name for name in others if not (place / name).exists()}
    for name in theirs:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text("theirs")
    standing = runs[0]
    for number, names in enumerate(runs[1:], 1):
        made = folder(place)
        fill(made, names, str(number))
        if names & theirs:
            before = tree(place)
            with pytest.raises(FileExistsError):
                made.put_in_place()
            made.discard()
            after = tree(place)
            assert after == {name: text for name, text in before.items() if not name.startswith(".unf")}
            continue
        made.put_in_place()
        standing, latest = names, number
        assert tree(place) == {name: f"{latest} {name}" for name in standing} | dict.fromkeys(theirs, "theirs")
    for name in theirs:
        assert (place / name).read_text() == "theirs"


@pytest.mark.parametrize("content", ["report.json", "sub/deep.txt", ".mark"])
def test_a_folder_without_our_mark_is_refused_and_left_alone(tmp_path: Path, content: str) -> None:
    place = tmp_path / "report"
    (place / content).parent.mkdir(parents=True)
    (place / content).write_text("of another program")
    with pytest.raises(Refusal) as refused:
        folder(place)
    assert refused.value.problems[0].code == "E603"
    assert [path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()] == [content]


def test_a_mark_that_names_what_is_outside_removes_nothing_there(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    for name in ("1.json", "2.json"):
        (outside / name).write_text("theirs")
    place = tmp_path / "report"
    folder(place).put_in_place()
    (place / "held").symlink_to(outside)
    names = ["../outside/1.json", str(outside / "1.json"), "held/1.json", "held/../../outside/2.json"]
    (place / ".mark").write_text("\n".join(["made by a test", *names, ""]))
    made = folder(place)
    fill(made, {"report.json"}, "1")
    made.put_in_place()
    assert sorted(path.name for path in outside.iterdir()) == ["1.json", "2.json"]
    assert (place / "held").is_symlink()


@pytest.mark.parametrize("leads_to", ["empty", "full", "nowhere"])
def test_nothing_is_written_through_a_link_in_the_folder(tmp_path: Path, leads_to: str) -> None:
    place, outside = tmp_path / "report", tmp_path / "outside"
    folder(place).put_in_place()
    if leads_to != "nowhere":
        outside.mkdir()
    if leads_to == "full":
        (outside / "1.json").write_text("theirs")
    (place / "held").symlink_to(outside)
    made = folder(place)
    fill(made, {"report.json", "held/1.json", "held/2.json"}, "1")
    for step in (made.look, made.put_in_place):
        with pytest.raises(FileExistsError, match="is a link"):
            step()
    assert tree(outside) == ({"1.json": "theirs"} if leads_to == "full" else {})


@pytest.mark.skipif(sys.platform == "win32", reason="no locks of this kind there")
def test_of_two_that_end_at_once_one_waits_for_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the mark would not name a file of the second, which no later run could replace then."""
    import fcntl

    place = tmp_path / "report"
    first, second = folder(place), folder(place)
    fill(first, {"held.ndjson", "report.json"}, "first")
    fill(second, {"rejected.ndjson", "report.json"}, "second")
    note, alone = OwnFolder._note, list[bool]()

    def noting(this: OwnFolder, names: set[str]) -> None:
        handle = os.open(place, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            alone.append(False)
        except BlockingIOError:
            alone.append(True)
        finally:
            os.close(handle)
        note(this, names)

    monkeypatch.setattr(OwnFolder, "_note", noting)
    first.put_in_place()
    second.put_in_place()
    assert alone == [True] * 4
    marked = set((place / ".mark").read_text(encoding="utf-8").split("\n")[1:]) - {""}
    there = {name for name in tree(place) if name != ".mark"}
    assert marked == there == {"rejected.ndjson", "report.json"}
    first.close()
    second.close()


def test_the_mark_stays_where_another_run_works(tmp_path: Path) -> None:
    first, second = folder(tmp_path / "report"), folder(tmp_path / "report")
    first.discard()
    fill(second, {"report.json"}, "2")
    second.put_in_place()
    assert tree(tmp_path / "report") == {"report.json": "2 report.json"}
    folder(tmp_path / "report").discard()


def test_no_bytes_are_written_past_a_buffer() -> None:
    """What the system takes may be less than what it was given; a buffered file gives it the rest."""
    wrong = []
    for path in sorted(path for package in ("etl", "connectors") for path in (ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            if called in ("os.write", "os.writev", "os.pwrite", "os.read") or any(
                one.arg == "buffering" and ast.unparse(one.value) == "0" for one in node.keywords
            ):
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} {called}: use a buffered file")
    assert wrong == []


def test_what_is_discarded_leaves_no_trace(tmp_path: Path) -> None:
    made = folder(tmp_path / "report")
    fill(made, {"report.json", "held/1.json"}, "1")
    made.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_private_to_its_owner(tmp_path: Path) -> None:
    folder(tmp_path / "report").put_in_place()
    assert stat.S_IMODE((tmp_path / "report").stat().st_mode) == 0o700
