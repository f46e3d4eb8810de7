"""Tokens: service strings, release characters, wrapped lines, places, character sets."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.formats.edifact_segments import SEGMENT_LIMIT, Scanner, ServiceString, elements_of
from connectors.formats.edifact_text import codec_of


def read(data: bytes) -> list[tuple[tuple[str, ...], ...]]:
    return [elements_of(one, "latin-1") for one in Scanner(io.BytesIO(data)) if one.tag != "UNA"]


@pytest.mark.parametrize(
    ("data", "elements"),
    [
        (b"LIN+1++978:EN'", (("LIN",), ("1",), ("",), ("978", "EN"))),
        (b"IMD+L+050+:::Vad?? Vem?+Var?:?''", (("IMD",), ("L",), ("050",), ("", "", "", "Vad? Vem+Var:'"))),
        (b"FTX+LIN+++a??'", (("FTX",), ("LIN",), ("",), ("",), ("a?",))),
        (b"FTX+LIN+++a??+b'", (("FTX",), ("LIN",), ("",), ("",), ("a?",), ("b",))),
        (b"FTX+LIN+++a???+b'", (("FTX",), ("LIN",), ("",), ("",), ("a?+b",))),
        (b"IMD+L+050+:::Sju n\r\n\xe4tter'", (("IMD",), ("L",), ("050",), ("", "", "", "Sju nätter"))),
        (b"IMD+L+050+:::O?\r\n'Hara'", (("IMD",), ("L",), ("050",), ("", "", "", "O'Hara"))),
        (b"UNA:+,? '\nPRI+AAA:12,5'", (("PRI",), ("AAA", "12,5"))),
        (b"UNA|^.~ #PRI^AAA|1~|2#", (("PRI",), ("AAA", "1|2"))),
        (b"UNA:+.  'IMD+Vad??'", (("IMD",), ("Vad??",))),
        (b"UNB\x1dUNOB\x1f3\x1cLIN\x1d1\x1f2\x1c", (("LIN",), ("1", "2"))),
    ],
)  # fmt: skip
def test_a_segment(data: bytes, elements: tuple[tuple[str, ...], ...]) -> None:
    assert read(data)[-1] == elements


@pytest.mark.parametrize("una", [b"UNA:+.? ", b"UNA::.? '", b"UNAabcdef", b"UNA:+;? '", b"UNA: .? '"])
def test_a_damaged_service_string(una: bytes) -> None:
    assert ServiceString.of(una) is None


@given(st.lists(st.lists(st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0"), max_size=30), min_size=1, max_size=4), min_size=1, max_size=8), st.sampled_from([1, 7, 80, 10_000]))
def test_what_is_written_is_read(values: list[list[str]], wrap: int) -> None:
    """Any text, released as it should be, wrapped anywhere: the same components."""

    def released(text: str) -> str:
        return "".join(f"?{char}" if char in "?+:'" else char for char in text)

    text = "TAG+" + "+".join(":".join(map(released, element)) for element in values) + "'"
    data = text.encode("latin-1")
    data = b"\r\n".join(data[at : at + wrap] for at in range(0, len(data), wrap))
    (found,) = read(data)
    assert found == (("TAG",), *(tuple(element) for element in values))


def test_places_are_counted_in_the_file() -> None:
    data = b"UNA:+.? '\r\nUNB+UNOC:3'\r\nLIN+1'LIN+2\r\n'\r\n\r\nUNT+1'"
    places = [(one.tag, one.line, one.offset, one.end) for one in Scanner(io.BytesIO(data))]
    assert places == [("UNA", 1, 0, 9), ("UNB", 2, 11, 22), ("LIN", 3, 24, 30), ("LIN", 3, 30, 38), ("UNT", 6, 42, 48)]
    assert all(data[offset:end].startswith(tag.encode()) for tag, _, offset, end in places)


def test_a_segment_without_an_end_is_cut_at_the_limit() -> None:
    found = list(Scanner(io.BytesIO(b"LIN+" + b"x" * (3 * SEGMENT_LIMIT))))
    assert not any(one.complete for one in found)
    assert max(len(one.data) for one in found) <= SEGMENT_LIMIT
    assert sum(len(one.data) for one in found) == 3 * SEGMENT_LIMIT + 4


@pytest.mark.parametrize(
    ("syntax", "data", "codec", "other"),
    [
        ("UNOC", b"plain", "latin-1", ""),
        ("UNOC", "Åland".encode("latin-1"), "latin-1", ""),
        ("UNOC", "Åland".encode(), "utf-8", "UTF-8"),
        ("UNOC", "“Åland”".encode("cp1252"), "cp1252", "Windows-1252"),
        ("UNOA", "Åland".encode("latin-1"), "latin-1", "ISO 8859-1"),
        ("UNOB", "Åland".encode(), "utf-8", "UTF-8"),
        ("UNOD", "Łódź".encode("iso8859-2"), "iso8859-2", ""),
        ("UNOW", "Åland".encode(), "utf-8", ""),
        ("UNOL", "€ på Åland".encode("iso8859-15"), "iso8859-15", ""),
        ("UNOE", "Журнал".encode("iso8859-5"), "iso8859-5", ""),
        ("UNOK", "İzmir".encode("iso8859-9"), "iso8859-9", ""),
        ("UNOE", "«Журнал» – 1".encode("cp1251"), "cp1251", "Windows-1251"),
        ("XXXX", "Åland".encode("latin-1"), "latin-1", "ISO 8859-1"),
        ("XXXX", b"plain", "latin-1", ""),
        ("UNOX", b"\x1b-APlain", "latin-1", "ISO 8859-1, its escape sequences not followed"),
    ],
)
def test_the_character_set(syntax: str, data: bytes, codec: str, other: str) -> None:
    assert codec_of(syntax, data, "auto") == (codec, other)
    assert codec_of(syntax, data, "cp850") == ("cp850", "")
