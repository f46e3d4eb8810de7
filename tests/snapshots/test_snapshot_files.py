"""Expected files and the files on disk → differences, and back."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from etl.testing.snapshot_files import compare, update

BEFORE = {"s/1.json": b'{"a": 1}\n', "s/2.json": b"{}\n", "s/held/3.json": b"{}\n"}
AFTER = {"s/1.json": b'{"a": 2}\n', "s/2.json": b"{}\n", "t/4.json": b"{}\n"}


def test_each_kind_of_difference(tmp_path: Path) -> None:
    update(BEFORE, tmp_path)
    found = {one.path: one for one in compare(AFTER, tmp_path)}
    assert {path: one.kind for path, one in found.items()} == {
        "s/1.json": "changed",
        "s/held/3.json": "orphan",
        "t/4.json": "missing",
    }
    assert found["s/1.json"].diff == (
        '--- s/1.json (reviewed)\n+++ s/1.json (now)\n@@ -1 +1 @@\n-{"a": 1}\n+{"a": 2}'
    )
    assert found["t/4.json"].diff.startswith("--- /dev/null\n+++ t/4.json (now)")
    assert found["s/held/3.json"].diff.endswith("+++ /dev/null\n@@ -1 +0,0 @@\n-{}")


def test_update_touches_only_what_differs(tmp_path: Path) -> None:
    update(BEFORE, tmp_path)
    (tmp_path / ".keep").write_bytes(b"")
    untouched = (tmp_path / "s/2.json").stat()
    assert [one.kind for one in update(AFTER, tmp_path)] == ["changed", "orphan", "missing"]
    assert (tmp_path / "s/2.json").stat() == untouched
    assert not (tmp_path / "s/held").exists(), "a folder that is empty without its orphan goes too"
    assert compare(AFTER, tmp_path) == []
    assert update(AFTER, tmp_path) == []


def test_line_ends_are_a_difference(tmp_path: Path) -> None:
    update({"s/1.json": b"{\r\n}\r\n"}, tmp_path)
    (one,) = compare({"s/1.json": b"{\n}\n"}, tmp_path)
    assert one.diff == "s/1.json: only line ends or invisible bytes differ"


FILES = st.dictionaries(st.sampled_from(["a/1", "a/2", "b/1", "b/held/1"]), st.binary(max_size=20))


@settings(derandomize=True, max_examples=60)
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
