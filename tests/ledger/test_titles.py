"""What an order line is known by: which words and numbers count, and when two titles are one."""

from __future__ import annotations

import pytest

from etl.ledger.known_by import NOTHING, KnownBy, compare_titles

LONG = "En två tre fyra fem sex sju åtta nio tio elva tolv"
ISBN, OTHER_ISBN = "978-91-9999-001-9", "9789199990026"


def titles(title: str = "", *numbers: str) -> frozenset[str]:
    return KnownBy.of(title=title, numbers=numbers).titles


@pytest.mark.parametrize(
    ("ours", "theirs", "likeness"),
    [
        (titles(LONG), titles(f"{LONG} tretton"), "same"),
        (titles(f"{LONG} tretton"), titles(f"{LONG} trettio"), "same"),
        (titles(LONG), titles(LONG.removesuffix("tolv") + "trettio"), "other"),
        (titles("En bok"), titles("EN  bok!"), "same"),
        (titles("En bok"), titles("En bok till"), "other"),
        (titles("En bok"), titles(), "unsaid"),
        (titles(), titles("En bok"), "unsaid"),
        (titles(), titles(), "unsaid"),
        (titles("En bok", ISBN), titles("En annan", ISBN.replace("-", "")), "same"),
        (titles("En bok", ISBN), titles("En bok", OTHER_ISBN), "other"),
        (titles("En bok", ISBN), titles("En bok"), "same"),
        (titles("En bok", ISBN), titles("", "T-7"), "unsaid"),
        (titles("En bok", "T-7"), titles("En annan", "t 007"), "same"),
        (titles("En bok", "T-7"), titles("En bok", "T-8"), "same"),
        (titles("En bok", "T-7"), titles("En annan", "T-8"), "other"),
        (titles("", ISBN, "T-7"), titles("", OTHER_ISBN, "T-7"), "other"),
        (titles("", ISBN, OTHER_ISBN), titles("", OTHER_ISBN), "same"),
    ],
)
def test_when_two_titles_are_one(ours: frozenset[str], theirs: frozenset[str], likeness: str) -> None:
    assert compare_titles(ours, theirs) == compare_titles(theirs, ours) == likeness


def test_what_is_empty_says_nothing() -> None:
    empty = KnownBy.of(
        vendors=["", " "], orders=["-"], lines=[""], numbers=["", " - "], title=" ", barcodes=[""]
    )
    assert KnownBy.of() == empty == NOTHING == KnownBy.read(None) == KnownBy.read("")
    assert list(NOTHING.values()) == []


def test_what_is_written_is_read_again() -> None:
    known = KnownBy.of(
        vendors=["BTJ"],
        orders=["07000"],
        lines=["7000 1", "7000"],
        numbers=[ISBN],
        title="Bok",
        barcodes=["3001"],
    )
    assert KnownBy.read(known.written()) == known
    assert list(known.values()) == [
        "order 7000 isbn 9789199990019", "order 7000 title bok", "line 7000-1", "barcode 3001",
    ]  # fmt: skip
