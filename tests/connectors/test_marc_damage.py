"""No repair without proof: what is loaded of a damaged record is right, told, and as much as pymarc has right."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import pytest
from marc_damage import closes, records_in, sweep
from marc_samples import SHARED, data_field, record_of, records_of
from reading import Reading, read

from connectors.formats.iso2709 import Iso2709Decoder
from connectors.marc_file import MarcConnector
from etl.problems import Severity

MARC = MarcConnector()
FILES = (
    "marc-malformed-easy/chabon.mrc", "marc-basic/test.dat", "marc-basic/marc8.dat",
    "marc-basic/test_data.utf8.mrc", "marc-malformed-easy/brkrtest.mrc",
    "marc-malformed-easy/unordered-directory-entries.mrc", "orders-marc/harrass.mrc",
    "orders-marc/gobi-sample-v2.mrc", "orders-marc/bpl-sample.mrc", "orders-marc/CouttsUKFO.1.mrc",
)  # fmt: skip


def test_two_thousand_damaged_records_of_our_own() -> None:
    tally = sweep([record.as_marc() for record in records_of(5)], seed=1, count=2_000)
    assert tally.failures == []
    assert tally.share >= 0.98
    assert tally.loaded > tally.pymarc_loaded > 500


@pytest.mark.slow
def test_twenty_thousand_damaged_records_of_others() -> None:
    paths = [SHARED / name for name in FILES]
    if not all(path.exists() for path in paths):
        pytest.skip("needs the shared sample data")
    records = [record for path in paths for record in records_in(path.read_bytes())]
    tally = sweep(records, seed=2, count=20_000)
    print(tally)
    assert tally.failures == []
    assert tally.share >= 0.98


# --------------------------------------------------------------------- every digit of every start, in turn


def record_parts(raw: bytes) -> tuple[bytes, list[bytes], bytes]:
    base = int(raw[12:17])
    return raw[:24], [raw[at : at + 12] for at in range(24, base - 1, 12)], raw[base - 1 :]


def with_another_digit() -> Iterator[tuple[bytes, bytes]]:
    raw = records_of(4)[2].as_marc()
    leader, entries, data = record_parts(raw)
    for number, entry in enumerate(entries):
        for place in range(3, 12):
            for digit in b"0123456789":
                other = entry[:place] + bytes([digit]) + entry[place + 1 :]
                if other != entry:
                    yield raw, leader + b"".join([*entries[:number], other, *entries[number + 1 :]]) + data


def test_one_wrong_digit_of_the_directory_gives_no_wrong_tag() -> None:
    decoder = Iso2709Decoder("auto", None)
    repaired = tried = 0
    for raw, mutant in with_another_digit():
        tried += 1
        whole = decoder.decode(raw)[0].fields
        record, notes = decoder.decode(mutant)
        assert all(field in whole for field in record.fields)
        assert notes
        assert not closes(mutant)
        repaired += record.fields == whole
        assert len(record.fields) >= len(whole) - 1
        assert (len(record.fields) == len(whole)) != any(note.holds for note in notes)
    assert repaired > 0.9 * tried > 400


# ----------------------------------------------------------------------------------------- repairs that pass


def re_encoded(number: int, before: str, after: str, form: str = "NFC") -> tuple[bytes, bytes]:
    """A record whose directory was written in one encoding, and its text in another; and what it should be."""
    record = record_of(number, data_field("500", "  ", ("a", "Å, ä, ö och en é")))
    utf8 = unicodedata.normalize(form, record.as_marc().decode()).encode()
    fields = utf8[int(utf8[12:17]) :].split(b"\x1e")[:-1]
    tags = [field.tag for field in record.fields]

    def written(sizes: list[bytes], texts: list[bytes]) -> bytes:
        entries, at = b"", 0
        for tag, size in zip(tags, sizes, strict=True):
            entries += b"%s%04d%05d" % (tag.encode(), len(size) + 1, at)
            at += len(size) + 1
        base = 24 + len(entries) + 1
        head = b"%05dnam a22%05d a 4500" % (base + at + 1, base)
        return head + entries + b"\x1e" + b"".join(text + b"\x1e" for text in texts) + b"\x1d"

    old, new = ([field.decode().encode(codec) for field in fields] for codec in (before, after))
    return written(old, new), written(new, new)


@pytest.mark.parametrize(
    ("before", "after", "form"),
    [("latin-1", "utf-8", "NFC"), ("utf-8", "latin-1", "NFC"), ("utf-32-le", "utf-8", "NFD")],
    ids=["counted in Latin-1", "counted in UTF-8", "counted in characters"],
)
def test_a_record_that_was_re_encoded_is_read_whole(before: str, after: str, form: str) -> None:
    if before == "utf-32-le":
        damaged, whole = re_encoded(1, "latin-1", after)
    else:
        damaged, whole = re_encoded(1, before, after, form)
    decoder = Iso2709Decoder("latin-1" if after == "latin-1" else "utf-8", None)
    record, notes = decoder.decode(damaged)
    assert record.fields == decoder.decode(whole)[0].fields
    assert {note.code for note in notes} == {"E360", "E366"}
    assert not any(note.holds for note in notes)


def test_more_than_five_digits_of_bytes_are_read_by_what_the_lengths_say() -> None:
    notes = [data_field("500", "  ", ("a", "x" * 9_000)) for _ in range(12)]
    order = data_field("960", "  ", ("o", "2"), ("s", "10.00"))
    record = record_of(1, *notes, order)
    parts = [field.as_marc("utf-8") for field in record.fields]
    entries, at = b"", 0
    for field, part in zip(record.fields, parts, strict=True):
        entries += b"%s%04d%05d" % (field.tag.encode(), len(part), at % 100_000)
        at += len(part)
    head = b"99999nam a22%05d a 4500" % (25 + len(entries))
    reading = read(MARC, head + entries + b"\x1e" + b"".join(parts) + b"\x1d", columns={"o": "960$o", "s": "960$s"})
    assert reading.rows == [{"o": "2", "s": "10.00"}]
    assert reading.notes == ["E360", "E366"]


# ------------------------------------------------------------------------------------------ what is left out


def ordered(data: bytes, **options: object) -> Reading:
    columns = {"id": "001", "title": "245$a", "fund": "960$u[0]"}
    return read(MARC, data, columns=columns, **options)


WHOLE = records_of(1)[0].as_marc()


def test_a_field_without_proof_is_left_out_and_the_record_waits_if_a_column_reads_it() -> None:
    at = WHOLE.rindex(b"\x1fu")
    without_mark = WHOLE[:at] + WHOLE[at + 1 :]
    reading = ordered(without_mark)
    assert [row["fund"] for row in reading.rows] == ["FOND11"]
    [left_out] = [note for note in reading.problems if note.code == "E330"]
    assert left_out.severity is Severity.HOLD
    assert '"960"' in left_out.message
    unread = read(MARC, without_mark, columns={"id": "001"})
    assert [note.severity for note in unread.problems] == [Severity.WARNING] * 2
    assert unread.rows == [{"id": "bok00001"}]


@pytest.mark.parametrize("tag", [b"9\x006", b"96 ", b"\xc36\x30"])
def test_a_tag_that_is_none_may_be_one_that_is_read(tag: bytes) -> None:
    at = WHOLE.index(b"960")
    reading = ordered(WHOLE[:at] + tag + WHOLE[at + 3 :])
    held = [note.code for note in reading.problems if note.severity is Severity.HOLD]
    assert held == (["E330"] if tag != b"9\x006" else [])


@pytest.mark.parametrize("place", [5, 6, 7, 8, 10, 11, 17, 18, 19, 20, 21, 22, 23])
@pytest.mark.parametrize("byte", [b"\0", b"\xff", b"\x09"])
def test_filler_in_a_place_of_the_leader_that_is_not_needed_is_told(place: int, byte: bytes) -> None:
    reading = ordered(WHOLE[:place] + byte + WHOLE[place + 1 :])
    assert [row["id"] for row in reading.rows] == ["bok00001"]
    assert reading.notes == ["E343"]
    assert reading.problems[0].severity is Severity.WARNING


def test_digits_of_a_directory_are_no_leader() -> None:
    """A length too small ends in the directory, whose digits look like one."""
    _, entries, _ = record_parts(WHOLE)
    for at in range(25, 24 + 12 * len(entries)):
        reading = ordered(WHOLE + b"%05d" % at + WHOLE[5:] + WHOLE)
        assert [row["id"] for row in reading.rows] == ["bok00001"] * 3
        assert reading.rejected == []
        assert reading.notes == ["E360"]


# ------------------------------------------------------------------------------------- what no column reads


@pytest.mark.parametrize(
    ("columns", "codes", "rejected"),
    [
        ({"id": "001", "title": "245$a"}, ["E346"], []),
        ({"id": "001"}, [], []),
        ({"id": "001", "rest": "245$b"}, [], [(1, "E346")]),
        ({"id": "001", "any": "2..$b"}, [], [(1, "E346")]),
        ({"id": "001", "if": "245{$b=x}$a"}, [], [(1, "E346")]),
        ({"whole": "record"}, [], [(1, "E346")]),
    ],
)
def test_a_wrong_byte_in_a_subfield_that_nobody_reads(
    columns: dict[str, str], codes: list[str], rejected: list[object]
) -> None:
    at = WHOLE.index("ä".encode())
    reading = read(MARC, WHOLE[:at] + b"\xc3x" + WHOLE[at + 2 :], columns=columns)
    assert (reading.notes, reading.codes) == (codes, rejected)


# ------------------------------------------------------------------------------- references and line breaks


@pytest.mark.parametrize(
    ("text", "value", "notes"),
    [
        ("Sjon&#x2019;s", "Sjon’s", []),
        ("Sjon&#8217;s", "Sjon’s", []),
        ("a&#x0308;", "ä", []),
        ("Sjon&#x2019s", "Sjon&#x2019s", ["E332"]),
        ("&#x; &#xD800; &#x110000;", "&#x; &#xD800; &#x110000;", ["E332"]),
        ("&#x1F;", "&#x1F;", ["E332"]),
        ("&amp;#x20AC;", "&amp;#x20AC;", ["E332"]),
        ("R&D &amp; så", None, []),
        ("Rad ett\r\nrad två", "Rad ett rad två", ["E318"]),
        ("\nRad ", "Rad", ["E318"]),
    ],
)
def test_references_in_marc_8_and_line_breaks(text: str, value: str | None, notes: list[str]) -> None:
    record = record_of(1)
    record.remove_fields("245", "020", "008")
    record.add_field(data_field("245", "10", ("a", text.replace("å", "a"))))
    raw = record.as_marc()
    reading = read(MARC, raw[:9] + b" " + raw[10:], columns={"t": "245$a"})
    assert reading.rows == [{"t": text.replace("å", "a") if value is None else value.replace("å", "a")}]
    assert reading.notes == notes


def test_a_reference_in_utf_8_stays_and_is_told() -> None:
    record = record_of(1, data_field("500", "  ", ("a", "Sjon&#x2019;s")))
    reading = read(MARC, record.as_marc(), columns={"t": "500$a"})
    assert reading.rows == [{"t": "Sjon&#x2019;s"}]
    assert reading.notes == ["E332"]


# ------------------------------------------------------------------------------------- MARC-8 or Latin-1


@pytest.mark.parametrize(
    ("titles", "codec"),
    [
        (["Fl\xe4ckig"], "marc-8"),
        ([*["\xe8o \xe8o \xe8o"] * 6, *["\xf6r"] * 17], "marc-8"),
        (["\xe5r \xf6r \xe5r \xf6r \xe5r"], "latin-1"),
        (["\xe5r", "\xf6r", "\xe5r", "\xf6r", "\xe5r"], "latin-1"),
        (["\xe5r \xf6r \xe5r \xf6r \xe5r \xe8o\xe8a"], "marc-8"),
    ],
)
def test_marc_8_is_left_on_clear_evidence_only(titles: list[str], codec: str) -> None:
    parts = []
    for title in titles:
        record = record_of(1)
        record.remove_fields("245")
        record.add_field(data_field("245", "10", ("a", "?" * len(title))))
        raw = record.as_marc().replace(b"?" * len(title), title.encode("latin-1"))
        parts.append(raw[:9] + b" " + raw[10:])
    reading = read(MARC, b"".join(parts), columns={"t": "245$a"})
    read_as = {note.code for note in reading.problems if note.code in ("E362", "E380")}
    assert read_as == {"E362" if codec == "marc-8" else "E380"}
    split = [note.data.record for note in reading.problems if note.code == "E331" and note.data]
    against = [number for number, title in enumerate(titles, 1) if ("\xe8" in title) == (codec == "latin-1")]
    assert split == (against or ([1] if len(set(titles[0])) > 4 and codec == "marc-8" else []))


def test_rejected_records_are_not_counted_as_read() -> None:
    parts = []
    for title in (b"N\xe4r\x92t", b"\xe8o"):
        record = record_of(1)
        record.remove_fields("245")
        record.add_field(data_field("245", "10", ("a", "?" * len(title))))
        raw = record.as_marc().replace(b"?" * len(title), title)
        parts.append(raw[:9] + b" " + raw[10:])
    reading = read(MARC, b"".join(parts), columns={"t": "245$a"})
    assert reading.codes == [(1, "E346")]
    assert [note.message[:8] for note in reading.problems] == ["1 record"]
