"""Expected files and the files on disk → differences, and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.problems import Refusal
from etl.testing.sink_suite import document
from etl.testing.snapshot_files import compare, update

ROOT = Path(__file__).parent.parent.parent

ONE, TWO = document("1"), document("2")
STORY = b"0 records: none\n"
BEFORE = {"s/problems.txt": STORY, "s/1.json": ONE, "s/2.json": ONE, "s/held/3.json": ONE}
AFTER = {"s/problems.txt": STORY, "s/1.json": TWO, "s/2.json": ONE, "t/4.json": ONE}


def test_each_kind_of_difference(tmp_path: Path) -> None:
    update(BEFORE, tmp_path)
    found = {one.path: one for one in compare(AFTER, tmp_path)}
    assert {path: one.kind for path, one in found.items()} == {
        "s/1.json": "changed",
        "s/held/3.json": "orphan",
        "t/4.json": "missing",
    }
    assert found["s/1.json"].diff == (
        "--- s/1.json (reviewed)\n+++ s/1.json (now)\n@@ -1 +1 @@\n"
        f"-{ONE.decode().strip()}\n+{TWO.decode().strip()}"
    )
    assert found["t/4.json"].diff.startswith("--- /dev/null\n+++ t/4.json (now)")
    assert found["s/held/3.json"].diff.endswith(f"+++ /dev/null\n@@ -1 +0,0 @@\n-{ONE.decode().strip()}")


def written(path: Path) -> tuple[int, int]:
    """Which file it is and when it was written; that it was read is no change."""
    found = path.stat()
    return found.st_ino, found.st_mtime_ns


def test_update_touches_only_what_differs(tmp_path: Path) -> None:
    update(BEFORE, tmp_path)
    (tmp_path / ".keep").write_bytes(b"")
    untouched = written(tmp_path / "s/2.json")
    assert [one.kind for one in update(AFTER, tmp_path)] == ["changed", "orphan", "missing"]
    assert written(tmp_path / "s/2.json") == untouched
    assert not (tmp_path / "s/held").exists(), "a folder that is empty without its orphan goes too"
    assert compare(AFTER, tmp_path) == []
    assert update(AFTER, tmp_path) == []


def test_what_somebody_keeps_beside_snapshots_is_neither_an_orphan_nor_removed(tmp_path: Path) -> None:
    update(BEFORE, tmp_path)
    elsewhere = tmp_path.with_name("elsewhere")
    elsewhere.mkdir()
    (elsewhere / "5.json").write_bytes(ONE)
    (tmp_path / "linked").symlink_to(elsewhere)
    (tmp_path / "s/6.json").symlink_to(elsewhere / "5.json")
    others = {"README.md": b"read me", "s/notes.txt": b"ask", "s/package.json": b'{"name": 1}', "s/a/b/c.json": ONE}
    others |= {
        "s/notes.json": b'{"note": "mine", "type": "FeatureCollection"}\n',
        "s/users.txt": b"anna\n",
        "s/reformatted.json": ONE.replace(b": ", b":"),
        "maps/region.json": b'{"type": "FeatureCollection"}\n',
        "maps/copy.json": ONE,
        "maps/users.txt": b"copy.json  anna\n",
        "maps/problems.txt": b"3 problems: none\n",
        "lists/problems.txt": b"call the bank\n",
    }
    for name, content in others.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    assert {one.kind for one in update({}, tmp_path)} == {"orphan"}
    assert {name: (tmp_path / name).read_bytes() for name in others} == others
    assert (elsewhere / "5.json").read_bytes() == ONE
    assert (tmp_path / "s/6.json").is_symlink()
    assert not (tmp_path / "s/1.json").exists()


@pytest.mark.parametrize("link", ["snapshots", "snapshots/m", "snapshots/m/s", "snapshots/m/s/held", "snapshots/m/s/1.json"])
def test_nothing_is_written_through_a_link(tmp_path: Path, link: str) -> None:
    theirs = tmp_path / "theirs"
    for name in ("m/s/1.json", "s/1.json", "1.json", "held/3.json", "s/problems.txt"):
        (theirs / name).parent.mkdir(parents=True, exist_ok=True)
        (theirs / name).write_bytes(b"theirs")
    place = tmp_path / "mappings" / link
    place.parent.mkdir(parents=True)
    place.symlink_to(theirs / "1.json" if link.endswith(".json") else theirs)
    with pytest.raises(Refusal) as refused:
        update(BEFORE, tmp_path / "mappings/snapshots/m")
    assert [one.code for one in refused.value.problems] == ["E612"]
    assert {path.read_bytes() for path in theirs.rglob("*") if path.is_file()} == {b"theirs"}
    assert [path for path in (tmp_path / "mappings").rglob("*") if path.is_file() and not path.is_symlink()] == []


@pytest.mark.parametrize("mapping", sorted((ROOT / "mappings").glob("*/snapshots/*")), ids=lambda path: path.name)
def test_what_is_committed_is_known_as_ours(mapping: Path) -> None:
    """Nothing claims it: each of its files is an orphan, and no file is taken for somebody else's."""
    files = {path.relative_to(mapping).as_posix() for path in mapping.rglob("*") if path.is_file()}
    assert {one.path for one in compare({}, mapping)} == files


def test_line_ends_are_a_difference(tmp_path: Path) -> None:
    update({"s/1.json": b"{\r\n}\r\n"}, tmp_path)
    (one,) = compare({"s/1.json": b"{\n}\n"}, tmp_path)
    assert one.diff == "s/1.json: only line ends or invisible bytes differ"


NAMES = ["a/1.json", "a/2.json", "b/1.json", "b/held/1.json"]
PAYLOADS = st.text(alphabet="aå0 ", min_size=1, max_size=3).map(lambda text: document(f"-{text}-"))
FILES = st.dictionaries(st.sampled_from(NAMES), PAYLOADS).map(
    lambda files: files | {f"{name[0]}/problems.txt": STORY for name in files}
)


@settings(max_examples=60)
@given(before=FILES, after=FILES)
def test_after_an_update_nothing_differs(
    tmp_path_factory: object, before: dict[str, bytes], after: dict[str, bytes]
) -> None:
    folder = tmp_path_factory.mktemp("shots")  # type: ignore[attr-defined]
    update(before, folder)
    differences = {one.path for one in compare(after, folder)}
    assert differences == {path for path in {*before, *after} if before.get(path) != after.get(path)}
    update(after, folder)
    assert compare(after, folder) == []
