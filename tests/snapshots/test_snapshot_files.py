"""Expected files and the files on disk → differences, and back."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from etl.testing.snapshot_files import compare, update

ONE, TWO = b'{"owner": 1}\n', b'{"owner": 2}\n'
BEFORE = {"s/1.json": ONE, "s/2.json": ONE, "s/held/3.json": ONE}
AFTER = {"s/1.json": TWO, "s/2.json": ONE, "t/4.json": ONE}


def test_each_kind_of_difference(tmp_path: Path) -> None:
    update(BEFORE, tmp_path)
    found = {one.path: one for one in compare(AFTER, tmp_path)}
    assert {path: one.kind for path, one in found.items()} == {
        "s/1.json": "changed",
        "s/held/3.json": "orphan",
        "t/4.json": "missing",
    }
    assert found["s/1.json"].diff == (
        '--- s/1.json (reviewed)\n+++ s/1.json (now)\n@@ -1 +1 @@\n-{"owner": 1}\n+{"owner": 2}'
    )
    assert found["t/4.json"].diff.startswith("--- /dev/null\n+++ t/4.json (now)")
    assert found["s/held/3.json"].diff.endswith("+++ /dev/null\n@@ -1 +0,0 @@\n-{\"owner\": 1}")


def test_update_touches_only_what_differs(tmp_path: Path) -> None:
    update(BEFORE, tmp_path)
    (tmp_path / ".keep").write_bytes(b"")
    untouched = (tmp_path / "s/2.json").stat()
    assert [one.kind for one in update(AFTER, tmp_path)] == ["changed", "orphan", "missing"]
    assert (tmp_path / "s/2.json").stat() == untouched
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
    for name, content in others.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    assert {one.kind for one in update({}, tmp_path)} == {"orphan"}
    assert {name: (tmp_path / name).read_bytes() for name in others} == others
    assert (elsewhere / "5.json").read_bytes() == ONE
    assert (tmp_path / "s/6.json").is_symlink()
    assert not (tmp_path / "s/1.json").exists()


def test_line_ends_are_a_difference(tmp_path: Path) -> None:
    update({"s/1.json": b"{\r\n}\r\n"}, tmp_path)
    (one,) = compare({"s/1.json": b"{\n}\n"}, tmp_path)
    assert one.diff == "s/1.json: only line ends or invisible bytes differ"


NAMES = ["a/1.json", "a/2.json", "b/1.json", "b/held/1.json"]
PAYLOADS = st.binary(max_size=20).map(lambda rest: b'{"owner": ' + rest)
FILES = st.dictionaries(st.sampled_from(NAMES), PAYLOADS)


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
