"""ISO 2709: damaged records stay alone, and what is read is what pymarc reads."""

from __future__ import annotations

import io
import logging
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marc_samples import SHARED, data_field, record_of, records_of, shared, transmission_of
from pymarc import Record
from pymarc.marc8_mapping import CODESETS
from reading import read, refusal

from connectors.formats.iso2709 import Iso2709Decoder
from connectors.formats.iso2709_chunks import read_chunks
from connectors.formats.marc_bytes import votes
from connectors.formats.marc_record import Unreadable
from connectors.marc_file import MarcConnector

MARC = MarcConnector()
COLUMNS = {"id": "001", "title": "245$a$b"}
FOUR = [record.as_marc() for record in records_of(4)]


def ids(data: bytes | Path, **options: object) -> tuple[list[object], list[tuple[int, str]], list[str]]:
    reading = read(MARC, data, columns=COLUMNS, **options)
    return [row["id"] for row in reading.rows], reading.codes, reading.notes


def swapped(record: bytes, old: bytes, new: bytes) -> bytes:
    assert old in record
    return record.replace(old, new, 1)


def overlapping(entries: int) -> bytes:
    """A record whose directory points at the same 9,000 bytes again and again."""
    field = b"10$a" + b"x" * 9000 + b"\x1e"
    directory = b"245%04d00000" % len(field) * entries + b"\x1e"
    base = 24 + len(directory)
    return b"%05dnam a22%05d 4500" % (base + len(field) + 1, base) + directory + field + b"\x1d"


@pytest.mark.parametrize(
    ("second", "rejected", "notes"),
    [
        (FOUR[1], [], []),
        (FOUR[1] + b"\r\n\0\x1a", [], []),
        (b"99999" + FOUR[1][5:], [], ["E360"]),
        (b"00100" + FOUR[1][5:], [], ["E360"]),
        (b"     " + FOUR[1][5:], [], ["E360"]),
        (FOUR[1][:12] + b"00033" + FOUR[1][17:], [], ["E360"]),
        (swapped(FOUR[1], "ä".encode(), b"a"), [], ["E360", "E366", "E330"]),
        (FOUR[1][:24] + b"x" + FOUR[1][24:], [(2, "E344")], []),
        (overlapping(2000), [(2, "E344")], []),
        (FOUR[1][:-1], [], ["E360"]),
        (FOUR[1][:-2], [(2, "E345")], []),
        (swapped(FOUR[1], b"\x1ebok", b"\x1fbok"), [], ["E360"]),
        (swapped(FOUR[1], b"\x1d", b"unlisted\x1e\x1d"), [], ["E360", "E330"]),
        (b"\xef\xbb\xbf" + FOUR[1], [], []),
        (FOUR[1][:60], [(2, "E345")], []),
        (b"rubbish\x1d", [(2, "E343")], []),
        (swapped(FOUR[1], "ä".encode(), b"\xc3a"), [(2, "E346")], []),
    ],
)
def test_a_damaged_record_takes_no_other_with_it(
    second: bytes, rejected: list[object], notes: list[str]
) -> None:
    found, codes, said = ids(FOUR[0] + second + FOUR[2] + FOUR[3])
    read_second = [] if rejected else ["bok00002"]
    assert found == ["bok00001", *read_second, "bok00003", "bok00004"]
    assert codes == rejected
    assert said == notes


def test_places_and_raw_bytes() -> None:
    reading = read(MARC, FOUR[0] + b"rubbish\x1d" + FOUR[1], columns=COLUMNS)
    assert reading.places == [(1, None, 0), (3, None, len(FOUR[0]) + 8)]
    assert reading.rejected[0].raw == b"rubbish\x1d"
    place = reading.rejected[0].problems[0].data
    assert place is not None
    assert (place.record, place.offset) == (2, len(FOUR[0]))


LEADER = FOUR[1][:24]


@pytest.mark.parametrize("within", [b"\x1d", LEADER], ids=["an end mark", "a leader"])
def test_a_record_as_long_as_it_says_is_one_whatever_stands_in_it(within: bytes) -> None:
    at = FOUR[0].rindex(b"\x1f") - len(within)  # in the text of the last field: the length stays what it was
    second = FOUR[0][:at] + within + FOUR[0][at + len(within) :]
    chunks = read_chunks(io.BytesIO(FOUR[2] + second + FOUR[3]), 1 << 20)
    assert [chunk.raw for chunk in chunks] == [FOUR[2], second, FOUR[3]]


def test_a_record_without_end_is_bounded() -> None:
    reading = read(
        MARC, FOUR[0] + b"x" * 3_000_000 + b"\x1d" + FOUR[1], columns=COLUMNS, max_record_bytes=2000
    )
    assert reading.codes == [(2, "E348")]
    assert len(reading.rejected[0].raw) == 2000
    assert [row["id"] for row in reading.rows] == ["bok00001", "bok00002"]
    assert reading.places[1][2] == len(FOUR[0]) + 3_000_001


def encoded(title: bytes, flag: bytes = b" ") -> bytes:
    """One record with this title, directory and length right, leader/09 as given."""
    plain = record_of(1)
    plain.remove_fields("245")
    plain.add_field(data_field("245", "10", ("a", "x" * len(title))))
    raw = plain.as_marc().replace(b"x" * len(title), title)
    return raw[:9] + flag + raw[10:]


@pytest.mark.parametrize(
    ("title", "flag", "encoding", "value", "notes"),
    [
        ("Öar".encode(), b"a", "auto", "Öar", []),
        ("O\u0308ar".encode(), b"a", "auto", "Öar", []),
        ("Öar".encode(), b" ", "auto", "Öar", ["E361"]),
        ("Öar".encode(), b" ", "utf-8", "Öar", []),
        (b"\xe8Oar", b" ", "auto", "Öar", ["E362"]),
        (b"\xe8Oar", b" ", "marc-8", "Öar", []),
        (b"\xd6ar p\xe5", b" ", "latin-1", "Öar på", []),
        (b"\x1bbH\x1bs2O", b" ", "auto", None, []),
        (b"\xd6ar p\xe5 \xd6land f\xf6r \xe5r", b" ", "auto", "Öar på Öland för år", ["E380"]),
        (b"\xd6ar p\xe5", b" ", "auto", None, []),  # two signs are too few to leave MARC-8
        (b"M\xf6tet i byn", b" ", "auto", "Mt\u0332et i byn", ["E331", "E362"]),
        (b"\xcc\xee\xf1\xea\xe2\xe0", b" ", "cp1251", "Москва", []),
        (b"\xed\xcf\xd3\xcb\xd7\xc1", b" ", "koi8-r", "Москва", []),
        (b"\x8c\xae\xe1\xaa\xa2\xa0", b" ", "cp866", "Москва", []),
        (b"L\xf3d\xbc", b" ", "iso-8859-2", "Lódź", []),
        (b"N\xe4r\x92t", b" ", "auto", None, []),
        (b"N\xe4r\x92t", b" ", "windows-1252", "När’t", []),
        (b"\xd6ar p\xe5", b"a", "auto", None, []),
    ],
)
def test_encodings(title: bytes, flag: bytes, encoding: str, value: str | None, notes: list[str]) -> None:
    reading = read(MARC, encoded(title, flag), columns={"title": "245$a"}, encoding=encoding)
    if value is None:
        assert reading.codes == [(1, "E346")]
        place = reading.rejected[0].problems[0].data
        assert place is not None
        assert place.field == "245$a"
    else:
        assert ([row["title"] for row in reading.rows], reading.notes) == ([value], notes)


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        (b"", ["E301"]),
        (b"\x89PNG\r\n", ["E302"]),
        (b"a;b\n1;2\n", ["E340"]),
        (b"LDR    00000nam a2200000 a 4500\n001    1\n", ["E341"]),
        (b'{"@context": {}, "@graph": []}', ["E341"]),
        (b"[]", ["E342"]),
        (b"<rss><record-list/></rss>", ["E342"]),
    ],
)
def test_refused(data: bytes, codes: list[str]) -> None:
    assert refusal(MARC, data, columns=COLUMNS) == codes


def test_rows_never_leak() -> None:
    records = records_of(4)
    columns = {"id": "001", "fund": "960$u", "copies": "960$o", "funds": "960$u[]", "either": "961$x|960$u"}
    reading = read(MARC, transmission_of(records), columns=columns, rows="960")
    expected = [
        (record["001"].data, field["u"], field["o"])
        for record in records
        for field in record.get_fields("960")
    ]
    assert [(row["id"], row["fund"], row["copies"]) for row in reading.rows] == expected
    assert all(row["funds"] == [row["fund"]] and row["either"] == row["fund"] for row in reading.rows)
    assert [place[0] for place in reading.places] == [1, 1, 2, 2, 2, 3, 4, 4]


def test_a_record_without_the_row_field() -> None:
    data = transmission_of([record_of(1), *records_of(1)])
    columns = {"id": "001", "fund": "960$u"}
    assert read(MARC, data, columns=columns, rows="960").codes == [(1, "E347")]
    kept = read(MARC, data, columns=columns, rows="960", no_rows="one")
    assert [row["fund"] for row in kept.rows] == [None, "FOND11", "FOND12"]
    assert kept.rejected == []


def latin_or_marc8(titles: list[bytes]) -> tuple[list[object], list[str]]:
    reading = read(MARC, b"".join(encoded(title) for title in titles), columns={"title": "245$a"})
    return [row["title"] for row in reading.rows], reading.notes


@pytest.mark.parametrize(
    ("titles", "values", "notes"),
    [
        # "än" alone would be ñ in MARC-8: the rest of the file decides.
        (
            [b"Sju n\xe4tter p\xe5 \xc5land", b"M\xe4n", b"F\xf6r \xe5r"],
            ["Sju nätter på Åland", "Män", "För år"],
            ["E380"],
        ),
        ([b"Sju n\xe8atter p\xeaa \xeaAland", b"F\xe8or"], ["Sju nätter på Åland", "För"], ["E362"]),
        # One record of another set among many is known by its own letters.
        (
            [*[b"\xc4lg p\xe5 \xf6"] * 9, b"\xe8o\xe8a\xeaa \xe2e\xe8u"],
            [*["Älg på ö"] * 9, "öäå éü"],
            ["E380", "E362"],
        ),
        # Romanised Arabic: macrons and dots below.
        ([b"al-K\xe5am\xf2il f\xe5i \xf2h", b"Mu\xf2hammad"], ["al-Kām\u1ecbl fī ḥ", "Muḥammad"], ["E362"]),
    ],
)
def test_latin_1_and_marc_8_are_told_apart(titles: list[bytes], values: list[str], notes: list[str]) -> None:
    assert latin_or_marc8(titles) == (values, notes)


def test_a_run_of_accents_has_its_letter_looked_for_once() -> None:
    class Counted(bytes):
        looks = 0

        def __getitem__(self, key):  # type: ignore[no-untyped-def,override]
            Counted.looks += 1
            return super().__getitem__(key)

    looks = []
    for length in (500, 1000):
        Counted.looks = 0
        votes(Counted(b"\xe4" * length + b"a"))
        looks.append(Counted.looks)
    assert looks[1] <= 2.1 * looks[0]


def test_marc8_records_of_the_library_of_congress_are_not_taken_for_latin_1() -> None:
    """UTF-8 records of many languages, put back into MARC-8 by pymarc's own table, are known as what they are."""
    tables = [(chr(u), c) for c, (u, _) in CODESETS[0x45].items()]
    signs = {u: bytes([c]) for u, c in tables}
    wrong = right = 0
    for chunk in read_chunks(io.BytesIO(shared("marc-loc2000", "loc2000.mrc").read_bytes()), 1 << 20):
        text = unicodedata.normalize("NFD", chunk.raw.decode("utf-8", "replace"))
        if text.isascii() or any(ord(c) > 127 and c not in signs for c in text):
            continue
        # An accent goes before its letter.
        parts = re.findall(r"(.)([^\x00-\x7f]*)", text, re.DOTALL)
        raw = b"".join(
            b"".join(signs[c] for c in rest if unicodedata.combining(c)) + base.encode()
            + b"".join(signs[c] for c in rest if not unicodedata.combining(c))
            for base, rest in parts
        )  # fmt: skip
        marc8, latin = votes(raw)
        right, wrong = right + (marc8 >= latin), wrong + (latin > marc8)
    assert right > 100
    assert wrong <= right // 50


# ------------------------------------------------------------------------------------------- real files

COUNTS = {
    "orders-marc": {
        "CouttsUKFO.1": 2, "MIDWEST.1": 1, "harrass": 16, "singleharrass": 1, "building_bridges": 1,
        "gobi-sample-v2": 6, "bpl-sample": 5, "folio-marcFileForC17017": 1, "folio-marcFileForC376975": 2,
        "folio-marcFileForC17027": 3,
    },
    "marc-malformed-easy": {
        "brkrtest": 8, "brkrtest_UTF8": 8, "chabon": 2, "summerland": 1, "corrupt_leader": 1,
    },
}  # fmt: skip


@pytest.mark.parametrize(("folder", "name"), [(folder, name) for folder in COUNTS for name in COUNTS[folder]])
def test_record_counts(folder: str, name: str) -> None:
    found, rejected, _ = ids(shared(folder, f"{name}.mrc"))
    assert (len(found), rejected) == (COUNTS[folder][name], [])


@pytest.mark.parametrize(
    ("name", "title"),
    [("bad_subfield_code", "ActivePerl with ASP and ADO /"), ("bad_indicator", "Aristocrats of color :")],
)
def test_mendable_damage(name: str, title: str) -> None:
    reading = read(MARC, shared("marc-malformed-easy", f"{name}.dat"), columns={"title": "245$a"})
    assert [row["title"] for row in reading.rows] == [title]


@pytest.mark.parametrize(
    ("name", "loaded", "rejected"),
    [("badldr", 6, 2), ("baddir", 1, 0), ("badind", 1, 0), ("sample1eof", 1, 0)],
)
def test_damage_is_counted(name: str, loaded: int, rejected: int) -> None:
    found, codes, _ = ids(shared("marc-malformed-easy", f"{name}.usmarc"))
    assert (len(found), len(codes)) == (loaded, rejected)


def test_marc8_and_utf8_versions_of_a_file_agree() -> None:
    eight = read(MARC, shared("marc-malformed-easy", "brkrtest.mrc"), columns=COLUMNS)
    utf8 = read(MARC, shared("marc-malformed-easy", "brkrtest_UTF8.mrc"), columns=COLUMNS)
    assert eight.rows == utf8.rows


def test_titles_of_the_library_of_congress() -> None:
    titles = shared("marc-loc2000", "titles.txt").read_text("utf-8").splitlines()
    reading = read(MARC, shared("marc-loc2000", "loc2000.mrc"), columns={"title": "245$a$b"})
    expected = [unicodedata.normalize("NFC", title) for title in titles]
    found = [str(row["title"]) for row in reading.rows]
    # The list has the first $a and the first $b; 245$a$b has them all.
    assert [title[: len(start)] for title, start in zip(found, expected, strict=True)] == expected
    assert sum(map(str.__eq__, found, expected)) > 1990


def real_files() -> list[Path]:
    folders = ("marc-basic", "orders-marc", "marc-loc2000")
    return [p for folder in folders for p in sorted((SHARED / folder).glob("*")) if b"\x1e" in p.read_bytes()]


@pytest.mark.parametrize("path", real_files(), ids=lambda path: path.name)
def test_reads_what_pymarc_reads(path: Path) -> None:
    logging.disable()
    for chunk in read_chunks(io.BytesIO(path.read_bytes()), 1 << 20):
        decoder = Iso2709Decoder("auto", None)
        ours, notes = decoder.decode(chunk.raw)
        theirs = Record(chunk.raw, force_utf8="utf-8" in decoder.assumed)
        assert notes == ()
        assert ours.leader == str(theirs.leader)
        assert len(ours.fields) == len(theirs.fields)
        for mine, field in zip(ours.fields, theirs.fields, strict=True):
            assert mine.tag == field.tag
            assert mine.value == unicodedata.normalize("NFC", field.data or "")
            assert mine.indicators == ("" if field.control_field else "".join(field.indicators))
            parts = [(s.code, unicodedata.normalize("NFC", s.value)) for s in field.subfields]
            assert list(mine.subfields) == parts
    logging.disable(logging.NOTSET)


# ------------------------------------------------------------------------------------------- all bytes


@given(
    st.lists(
        st.sampled_from([*FOUR, FOUR[0][:70], b"\x1d", b"\x1e", b"12345", b" \n", b"\xff", FOUR[1][30:]]),
        max_size=8,
    )
)
def test_every_byte_is_in_one_chunk_or_filler(parts: list[bytes]) -> None:
    data = b"".join(parts)
    at = 0
    for chunk in read_chunks(io.BytesIO(data), 1 << 20):
        assert data[at : chunk.offset].strip(b" \n\0\x1a\r\t\x0b\x0c") == b""
        assert data[chunk.offset : chunk.offset + chunk.size] == chunk.raw
        at = chunk.offset + chunk.size
    assert data[at:].strip(b" \n\0\x1a\r\t\x0b\x0c") == b""


@given(at=st.integers(0, len(FOUR[0]) - 1), byte=st.integers(0, 255))
def test_one_wrong_byte_costs_at_most_its_record(at: int, byte: int) -> None:
    damaged = FOUR[0][:at] + bytes([byte]) + FOUR[0][at + 1 :]
    found, _, _ = ids(FOUR[1] + damaged + FOUR[2])
    assert found[0] == "bok00002"
    assert found[-1] == "bok00003"


@given(st.binary(max_size=300))
def test_any_bytes_decode_or_are_given_up(tail: bytes) -> None:
    decoder = Iso2709Decoder("auto", None)
    codes: list[str] = []
    fields = 0
    try:
        fields = len(decoder.decode(FOUR[0][:150] + tail + b"\x1d")[0].fields)
    except Unreadable as given_up:
        codes.append(given_up.trouble.code)
    assert fields or codes[0] in {"E343", "E344", "E345", "E346"}
