"""Texts damaged on their way: put right where that is certain, told where it is not, left alone where nothing is wrong."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from etl.documents.build import build
from etl.documents.damaged_text import damage, mended
from etl.documents.po_line import PoLine
from etl.testing.steady import STEADY

LETTERS = "abdefghiklmnoprstuvyåäöéüßøæÅÄÖÉabcdefghij"
words = st.lists(st.text(LETTERS, min_size=2, max_size=9), min_size=1, max_size=6)
AROUND = ["{}", "”{}”", "»{}«", "“{}”", "„{}“", "{}™", "{} – {}", "{}…", "{}®", "’{}’", "«{}»", "{}·{}", "{}’s", "§ {}°"]


def as_latin(text: str) -> str:
    """What a program shows that takes the bytes of UTF-8 for Windows-1252."""
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in text.encode())


@STEADY
@given(words)
def test_utf_8_read_as_latin_1_is_put_right_or_told(found: list[str]) -> None:
    text = " ".join(found)
    assume(not text.isascii())
    spoilt = as_latin(text)
    assert mended(spoilt) == (text, "UTF-8 read twice") or (mended(spoilt)[1] == "" and damage(spoilt))


@STEADY
@given(words, st.sampled_from(AROUND))
def test_what_is_whole_stays_as_it_is(found: list[str], around: str) -> None:
    text = around.replace("{}", " ".join(found))
    assert mended(text) == (text, "")


@pytest.mark.parametrize(
    "text",
    ["GÅ PÅ”", "Å’n kommer hem", "CAFÉ™ och BLÅ®", "»BLÅ«", "irmã”", "São Paulo", "Vem är du?", "https://x.example/?a=b",
     "l’été", "Ö–havet", "mañana", "naïve", "100 %", "10 000 kr", "Dvořák", "Łódź", "Война", "日本"],
)  # fmt: skip
def test_no_alarm(text: str) -> None:
    assert mended(text) == (text, "")
    assert damage(text) == ""


@pytest.mark.parametrize(
    ("spoilt", "text"),
    [
        ("SjÃ¶ och Ã¥", "Sjö och å"),
        ("SjÃƒÂ¶n", "Sjön"),
        ("donâ€™t", "don’t"),
        ("DvoÅ™Ã¡k", "Dvořák"),
        ("100Â\xa0kr", "100\xa0kr"),
        ("Ã…land", "Åland"),
        ("\x98Der\x9c Zauberberg", "Der Zauberberg"),
        ("\x88Die \x89Welle", "Die Welle"),
        ("l\x92été \x96 \x93nu\x94", "l’été – “nu”"),
    ],
)
def test_what_is_certain(spoilt: str, text: str) -> None:
    assert mended(spoilt)[0] == text
    assert mended(spoilt)[1]
    assert mended(text) == (text, "")


@pytest.mark.parametrize("text", ["Sj\ufffd", "f?r", "FÃ–R", "IRMÃ®", "c\x9cur", "nu\x85", "Sj”n", "sm†r", "\x98Der Zauberberg"])
def test_what_is_not_certain_is_told(text: str) -> None:
    assert mended(text)[0] == text
    assert damage(text)


LINE = {"owner": "MAIN", "type": "PRINTED_BOOK_OT", "vendor": "V", "vendor_account": "V-1"}


def built(**values: object) -> tuple[PoLine, Counter[str]]:
    respelt: Counter[str] = Counter()
    line = build(PoLine, {**LINE, **values}, respelt)
    assert isinstance(line, PoLine)
    return line, respelt


def test_line_breaks_go_out_of_titles_and_stay_in_notes() -> None:
    line, respelt = built(
        resource_metadata={"title": "Ett\r\nrad\t två\u2028tre\n", "author": "A\xa0B"}, vendor_note="Ett\nTvå"
    )
    assert line.resource_metadata is not None
    assert (line.resource_metadata.title, line.resource_metadata.author) == ("Ett rad två tre", "A\xa0B")
    assert (line.vendor_note, respelt) == ("Ett\nTvå", {"title (line breaks)": 1})


def test_what_is_read_back_is_taken_as_it_stands() -> None:
    line = build(PoLine, {**LINE, "resource_metadata": {"title": "SjÃ¶n\nA"}})
    assert isinstance(line, PoLine)
    assert line.resource_metadata is not None
    assert line.resource_metadata.title == "SjÃ¶n\nA"


@pytest.mark.parametrize("text", ["Sju n&#x00E4;tter", "Sju n&#228;tter", "Sju n&auml;tter", "Jack &amp; Jill", "&#X2019;"])
def test_a_reference_that_nobody_resolved_is_told(text: str) -> None:
    assert "character reference" in damage(text)


@pytest.mark.parametrize("text", ["R&D", "AT&T; and more", "Sturm & Drang;", "&#;", "&xyzzy;", "https://x.example/?a=1&copy;=2"])
def test_an_ampersand_is_no_reference(text: str) -> None:
    assert damage(text) == ""
