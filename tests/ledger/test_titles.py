"""What an order line is known by: which words and numbers count, and when two titles are one."""

from __future__ import annotations

import pytest

from etl.alma.candidate import likeness_of
from etl.alma.facts import Facts
from etl.ledger.known_by import NOTHING, KnownBy, compare_titles, compare_words

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
        (titles("En bok"), titles("En bok : roman"), "unsaid"),
        (titles("En bok"), titles("En bok / av någon"), "unsaid"),
        (titles("En bok"), titles("En annan bok"), "other"),
        (titles("En bok : roman"), titles("En bok : dikter"), "other"),
        (titles("En bok", ISBN), titles("En bok : roman"), "unsaid"),
        (titles("En bok", "T-7"), titles("En bok : roman", "T-8"), "unsaid"),
        (titles("En bok"), titles("En bokhandel"), "other"),
        (titles("En bok"), titles("En bok") | titles("En annan"), "same"),
        (titles("En bok"), titles("En bok : roman") | titles("En annan"), "unsaid"),
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


@pytest.mark.parametrize("ours", ["En bok", "En bok : roman", "EN BOK!", "En annan", "", LONG, f"{LONG} till"])
@pytest.mark.parametrize("theirs", ["En bok", "En bok : roman", "En 007 bok", "", " - ", LONG])
def test_both_rooms_compare_words_alike(ours: str, theirs: str) -> None:
    """The ledger by what it keeps of a title, Alma's answers by the title itself."""
    assert compare_words(ours, theirs) == compare_titles(titles(ours), titles(theirs))
    sent, stored = Facts(title=ours), Facts(title=theirs)
    known = bool(titles(ours)) and bool(titles(theirs))
    akin = likeness_of(sent, stored, "po_line") != "other"
    assert akin == (known and compare_words(ours, theirs) != "other")


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
        lines=["7000 1"],
        numbers=[ISBN],
        title="Bok",
        barcodes=["3001"],
    )
    assert KnownBy.read(known.written()) == known
    assert list(known.values()) == [
        "order 7000 isbn 9789199990019", "order 7000 title bok", "line 7000-1", "barcode 3001",
    ]  # fmt: skip
