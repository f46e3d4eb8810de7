"""Whose request it is stays with the payload."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.plugin import Item
from etl.sinks.files import FilesOptions, FilesSink

ITEMS = [
    Item((str(n),), str(n), b'{"n": %d}\n' % n, "purchase_request", user)
    for n, user in ((1, "anna"), (2, "å bo"))
]


def test_one_user_file_beside_each_document(tmp_path: Path) -> None:
    list(FilesSink().deliver(iter(ITEMS), FilesOptions(directory="out"), tmp_path))
    assert {
        path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "out").glob("*.user.txt")
    } == {
        "1.user.txt": "anna\n",
        "2.user.txt": "å bo\n",
    }


def test_one_line_for_each_line(tmp_path: Path) -> None:
    list(FilesSink().deliver(iter(ITEMS), FilesOptions(file="all.ndjson"), tmp_path))
    assert (tmp_path / "all.ndjson.users.txt").read_text(encoding="utf-8").splitlines() == ["anna", "å bo"]
    assert len((tmp_path / "all.ndjson").read_text().splitlines()) == 2


def test_order_lines_have_no_user_file(tmp_path: Path) -> None:
    item = Item(("1",), "1", b"{}\n", "po_line")
    list(FilesSink().deliver(iter([item]), FilesOptions(directory="out"), tmp_path))
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["1.json"]


@pytest.mark.parametrize("options", [FilesOptions(directory="out"), FilesOptions(file="all.ndjson")])
def test_closing_early_leaves_nothing_half_written(tmp_path: Path, options: FilesOptions) -> None:
    receipts = FilesSink().deliver(iter(ITEMS), options, tmp_path)
    next(receipts)
    receipts.close()  # type: ignore[attr-defined]
    assert not [path for path in tmp_path.rglob(".*") if path.is_file()]
    assert not (tmp_path / "all.ndjson").exists()
