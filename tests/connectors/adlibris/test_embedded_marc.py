"""A catalogue record inside a text: both forms, whatever encoding it was in before, and back to MARCXML."""

from __future__ import annotations

import unicodedata
from typing import Literal

import pytest
from adlibris_orders import as_bytes, item, posted
from reading import read

from connectors.adlibris import AdlibrisConnector
from connectors.formats.marc_record import Field, MarcRecord, Unreadable
from connectors.formats.marcxml_text import marcxml_of, read_embedded_marc

Form = Literal["NFC", "NFD"]

RECORD = MarcRecord(
    "00000nam a2200000 a 4500",
    [Field("001", "8452921"), Field("245", "", "10", (("a", "Åland & <öarna>"), ("c", 'av "Åsa"')))],
)


def transmission(codec: str, flag: str, letters: Form = "NFC") -> str:
    """The record as ISO 2709 whose lengths count the bytes of `codec`, as a text; with `letters` apart (NFD) or
    together.
    """
    directory, data = b"", b""
    for one in RECORD.fields:
        text = (
            one.value
            if not one.indicators
            else one.indicators + "".join(f"\x1f{c}{t}" for c, t in one.subfields)
        )
        raw = unicodedata.normalize(letters, text).encode(codec) + b"\x1e"
        directory += f"{one.tag}{len(raw):04}{len(data):05}".encode()
        data += raw
    base = 25 + len(directory)
    leader = f"{base + len(data) + 1:05}nam {flag}22{base:05} a 4500"
    return (leader.encode() + directory + b"\x1e" + data + b"\x1d").decode(codec)


@pytest.mark.parametrize(
    ("codec", "flag"), [("utf-8", "a"), ("utf-8", " "), ("latin-1", " "), ("latin-1", "a")]
)
def test_iso2709_whatever_it_was_counted_in(codec: str, flag: str) -> None:
    assert read_embedded_marc(transmission(codec, flag)).fields == RECORD.fields


@pytest.mark.parametrize("letters", ["NFC", "NFD"])
@pytest.mark.parametrize("as_read", ["NFC", "NFD"])
def test_iso2709_whose_letters_were_put_together_or_apart_since(letters: Form, as_read: Form) -> None:
    # JSON is read with letters and accents together, whatever the directory had counted.
    text = unicodedata.normalize(as_read, transmission("utf-8", "a", letters))
    assert read_embedded_marc(text).fields == RECORD.fields


@pytest.mark.parametrize("start", ["", '<?xml version="1.0" encoding="ISO-8859-1"?>\n', "\ufeff", "\n"])
def test_marcxml_whatever_it_says_of_its_bytes(start: str) -> None:
    assert read_embedded_marc(start + marcxml_of(RECORD)) == RECORD


WRONG = {
    "a text": ("Sju nätter", "E374"),
    "no record": ("<html/>", "E374"),
    "broken XML": (marcxml_of(RECORD)[:-5], "E349"),
    "cut off": (transmission("utf-8", "a")[:-4], "E345"),
}


@pytest.mark.parametrize("name", WRONG)
def test_an_unreadable_record_costs_only_itself(name: str) -> None:
    text, code = WRONG[name]
    with pytest.raises(Unreadable) as unreadable:
        read_embedded_marc(text)
    assert unreadable.value.trouble.code == code
    reading = read(AdlibrisConnector(), as_bytes(posted(item(MARCRecord=text))))
    assert (len(reading.rows), reading.notes) == (1, ["E358", "E374"])
    raw = reading.rows[0]["raw"]
    assert isinstance(raw, dict)
    assert raw["MARCRecord"] == text


def test_what_xml_cannot_hold() -> None:
    with pytest.raises(Unreadable) as unreadable:
        marcxml_of(MarcRecord("", [Field("001", "a\x01")]))
    assert "U+0001" in unreadable.value.trouble.message
