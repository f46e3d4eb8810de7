"""Whose request it is stays with the payload."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from etl.plugin import Item, Refusal
from etl.sinks.files import FilesOptions, FilesSink
from etl.testing.sink_suite import document

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


# ------------------------------------------------------------------- never beside what belongs to another

OLD = [Item((str(n),), str(n), document(f"old {n}"), "po_line", f"user of old {n}") for n in (1, 2)]
NEW = [replace(item, payload=document(f"new {n}"), user=f"user of new {n}") for n, item in enumerate(OLD, 1)]
KINDS = [FilesOptions(directory="."), FilesOptions(file="all.ndjson")]


def check_pairs(folder: Path) -> None:
    """Each document that stands there has its own user, or none yet."""
    for path in folder.glob("*json"):
        users = path.with_name(f"{path.name}.users.txt")
        if path.suffix == ".json":
            users = path.with_suffix(".user.txt")
        if users.exists():
            titles = [json.loads(line)["resource_metadata"]["title"] for line in path.read_text().splitlines()]
            assert users.read_text().splitlines() == [f"user of {title}" for title in titles]


@pytest.mark.parametrize("options", KINDS)
@pytest.mark.parametrize("before", [[], OLD])
@pytest.mark.parametrize("call", ["rename", "replace", "fsync", "chmod"])
@pytest.mark.parametrize("good", range(4))
def test_a_user_never_stands_beside_the_document_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: FilesOptions, before: list[Item], call: str, good: int
) -> None:
    """Whichever step of taking their places fails: the old ones stand, or the new."""
    list(FilesSink().deliver(iter(before), options, tmp_path))
    there = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    left = [good]

    def failing(real: Callable[..., object]) -> Callable[..., object]:
        def step(*words: object) -> object:
            left[0] -= 1
            check_pairs(tmp_path)
            if left[0] == -1:
                raise OSError(28, "No space left on device")
            return real(*words)

        return step

    with monkeypatch.context() as patch:
        if call == "fsync":
            patch.setattr("etl.own_files.os.fsync", failing(os.fsync))
        else:
            patch.setattr(Path, call, failing(getattr(Path, call)))
        try:
            list(FilesSink().deliver(iter(NEW), options, tmp_path))
        except Refusal:
            if options.file is not None:
                assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == there
    check_pairs(tmp_path)
    assert not list(tmp_path.glob(".*"))
    list(FilesSink().deliver(iter(NEW), options, tmp_path))
    assert {text for path in tmp_path.glob("*.txt") for text in path.read_text().splitlines()} == {
        "user of new 1",
        "user of new 2",
    }


def test_users_of_before_go_with_their_documents(tmp_path: Path) -> None:
    list(FilesSink().deliver(iter(OLD), KINDS[1], tmp_path))
    list(FilesSink().deliver(iter([replace(NEW[0], user=None)]), KINDS[1], tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["all.ndjson"]


# ----------------------------------------------------------------------------------- what is not ours

FOREIGN = {
    "one of ours, and then another's": document("a") + b'{"note": "mine"}\n',
    "a map": b'{"type": "FeatureCollection", "mine": true}\n',
    "a field's name": b'{"note": "private"}\n',
    "reformatted": document("a").replace(b": ", b":"),
    "without its end": document("a").strip(),
    "XML": b"<po_line><note>mine</note></po_line>",
    "text": b"Buy milk\nCall the bank\n",
}


@pytest.mark.parametrize("content", FOREIGN.values(), ids=FOREIGN)
@pytest.mark.parametrize("name", ["all.ndjson", "all.ndjson.users.txt", "1.json", "1.user.txt"])
def test_what_was_not_written_here_stays(tmp_path: Path, content: bytes, name: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Refusal) as refused:
        list(FilesSink().deliver(iter(NEW), KINDS["all" in name], tmp_path))
    assert refused.value.problems[0].code == "E612"
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {name: content}


def test_a_large_file_of_ours_is_replaced(tmp_path: Path) -> None:
    """Its beginning is compared, up to a line that is cut; and one line may be longer than that."""
    for lines in (document("many") * 2000, document("x" * 100_000) * 2):
        (tmp_path / "all.ndjson").write_bytes(lines)
        list(FilesSink().deliver(iter(NEW), KINDS[1], tmp_path))
        assert (tmp_path / "all.ndjson").read_bytes() == b"".join(item.payload for item in NEW)


def test_what_is_made_there_meanwhile_stays(tmp_path: Path) -> None:
    receipts = FilesSink().deliver(iter(NEW), KINDS[1], tmp_path)
    next(receipts)
    (tmp_path / "all.ndjson").write_text("mine")
    with pytest.raises(Refusal):
        list(receipts)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"all.ndjson": "mine"}


def test_names_that_differ_in_case_cost_their_own_document_alone(tmp_path: Path) -> None:
    named = [Item((name,), name, document(name), "po_line") for name in ("a", "A", "b")]
    receipts = list(FilesSink().deliver(iter(named), FilesOptions(directory="out"), tmp_path))
    assert [receipt.outcome for receipt in receipts] == ["written", "refused", "written"]
