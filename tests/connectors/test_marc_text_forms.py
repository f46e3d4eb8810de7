"""MARCMaker and Aleph sequential: mnemonics, continued lines, damage, and agreement with ISO 2709."""

from __future__ import annotations

import json
import unicodedata

import pytest
from marc_samples import records_of, shared, transmission_of
from pymarc import Record
from reading import Reading, read, refusal

from connectors.formats.mrk_mnemonics import BYTES
from connectors.marc_file import MarcConnector

MARC = MarcConnector()
COLUMNS = {"id": "001", "title": "245$a$b", "isbn": "020$a"}
LEADER = "=LDR  00000nam a2200000 a 4500"


def mrk_of(record: Record) -> str:
    return str(record).replace("\r\n", "\n").rstrip("\n")


def aleph_of(record: Record, number: int) -> str:
    lines = [("FMT", "  ", "BK"), ("LDR", "  ", str(record.leader).replace(" ", "^"))]
    for field in record.fields:
        if field.control_field:
            lines.append((field.tag, "  ", (field.data or "").replace(" ", "^")))
        else:
            text = "".join(f"$${part.code}{part.value}" for part in field.subfields)
            lines.append((field.tag, "".join(field.indicators), text))
    return "".join(f"{number:09} {tag}{indicators} L {text}\n" for tag, indicators, text in lines)


def fields(reading: Reading) -> list[object]:
    return [json.loads(str(row["r"]))["fields"] for row in reading.rows]


def one(text: str, **options: object) -> Reading:
    return read(MARC, text.encode(), columns=COLUMNS, **options)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_mrk_agrees_with_iso2709(end: str) -> None:
    records = records_of(4)
    text = "\n\n".join(map(mrk_of, records)) + "\n\n"
    mrk = read(MARC, text.replace("\n", end).encode(), columns={"r": "record"})
    iso = read(MARC, transmission_of(records), columns={"r": "record"})
    assert fields(mrk) == fields(iso)
    assert (mrk.rejected, mrk.notes) == ([], [])


def test_aleph_agrees_with_iso2709() -> None:
    records = records_of(4)
    text = "".join(aleph_of(record, number) for number, record in enumerate(records, 1))
    aleph = read(MARC, text.encode(), columns={"r": "record"})
    iso = read(MARC, transmission_of(records), columns={"r": "record"})
    without_format = [[field for field in found if "FMT" not in field] for found in fields(aleph)]  # type: ignore[attr-defined]
    assert without_format == fields(iso)


@pytest.mark.parametrize(
    ("title", "value", "notes"),
    [
        ("$aPris {dollar}5{bsol}{lcub}x{rcub}", "Pris $5\\{x}", []),
        ("$aVindens {uml}oar {AElig}gir", "Vindens öar Ægir", []),
        ("$aVindens {uml}oar på Åland", "Vindens öar på Åland", []),
        ("$aÅ{acute}{uml}e", "Å\u00e9\u0308", []),
        ("$aTecken {1B}p5{1B}s {esc}b2{esc}s", "Tecken ⁵ ₂", []),
        ("$aEn {inte} mnemonic", "En {inte} mnemonic", ["E384"]),
        ("$aEn rad\nsom bryts", "En rad som bryts", ["E383"]),
        ("stray$aText", "Text", ["E364"]),
        ("$aText$", "Text", []),
    ],
)
def test_mnemonics_and_repairs(title: str, value: str, notes: list[str]) -> None:
    reading = one(f"{LEADER}\n=001  b1\\\n=245  10{title}\n")
    assert [row["title"] for row in reading.rows] == [value]
    assert reading.notes == notes


def test_mrk_in_8_bit_sets() -> None:
    text = "=LDR  00000nam  2200000 a 4500\n=245  10$aSju nätter på Åland för få\n"
    latin = read(MARC, text.encode("latin-1"), columns=COLUMNS)
    assert ([row["title"] for row in latin.rows], latin.notes) == (["Sju nätter på Åland för få"], ["E380"])
    marc8 = read(
        MARC,
        text.encode("latin-1")
        .replace(b"\xe4", b"\xe8a")
        .replace(b"\xe5", b"\xeaa")
        .replace(b"\xf6", b"\xe8o")
        .replace(b"\xc5", b"\xeaA"),
        columns=COLUMNS,
    )
    assert ([row["title"] for row in marc8.rows], marc8.notes) == (["Sju nätter på Åland för få"], ["E362"])


@pytest.mark.parametrize(
    ("second", "code"),
    [
        ("=001  b2\n=245  10$aUtan leader", "E383"),
        (f"{LEADER}\n=24  10$aKort tagg", "E383"),
        ("hej", "E383"),
        (f"{LEADER}\n=245  10$aX{{acute}}", "E346"),
    ],
)
def test_a_damaged_mrk_record_takes_no_other_with_it(second: str, code: str) -> None:
    reading = one(f"{LEADER}\n=001  b1\n\n{second}\n\n{LEADER}\n=001  b3\n")
    assert [row["id"] for row in reading.rows] == ["b1", "b3"]
    assert reading.codes == [(2, code)]
    assert reading.rejected[0].raw == second.encode()
    assert [line for _, line, _ in reading.places] == [1, 5 + second.count("\n") + 1]


def test_mrk_without_blank_lines_and_with_mark() -> None:
    reading = one(f"\ufeff{LEADER}\n=001  b1\n{LEADER}\n=001  b2\n=000  x\n=001  b3")
    assert [row["id"] for row in reading.rows] == ["b1", "b2", "b3"]


ALEPH = "{0:09} FMT   L BK\n{0:09} LDR   L 00000nam^a2200000^a^4500\n{0:09} 001   L b{0}\n"


def test_aleph_continued_lines() -> None:
    reading = one(
        ALEPH.format(1)
        + "000000001 24510 L $$aSju nätter^\n000000001 24510 L $$9^^$$apå\n000000001 24510 L $$9^$$bÅland\n"
    )
    assert [row["title"] for row in reading.rows] == ["Sju nätter på Åland"]


def test_aleph_records_with_one_number_are_parted_at_the_leader() -> None:
    reading = one(ALEPH.format(1) + ALEPH.format(1) + ALEPH.format(2))
    assert [row["id"] for row in reading.rows] == ["b1", "b1", "b2"]


@pytest.mark.parametrize(
    "bad", ["000000002 24510 L Utan delfält", "en rad mitt i", "000000002 24 10 $$aX", "000000002 245"]
)
def test_a_damaged_aleph_record_takes_no_other_with_it(bad: str) -> None:
    reading = one(ALEPH.format(1) + ALEPH.format(2) + bad + "\n" + ALEPH.format(3))
    assert [row["id"] for row in reading.rows] == ["b1", "b3"]
    assert reading.codes == [(2, "E383")]


def test_aleph_numbers_of_eighteen_digits() -> None:
    text = "".join(ALEPH.format(number) for number in (1, 2)).replace("00000000", "5" * 17)
    reading = one(text)
    assert [row["id"] for row in reading.rows] == ["b1", "b2"]
    assert text.index(" ") == 18


def test_dollars_in_aleph_text_are_text_and_told() -> None:
    reading = one(ALEPH.format(1) + "000000001 24510 L $$aPris i $ och $$-tecken$$bresten\n")
    assert [row["title"] for row in reading.rows] == ["Pris i $ och $$-tecken resten"]
    assert reading.notes == ["E365"]


def test_aleph_without_a_leader_is_read_and_told() -> None:
    reading = one("000000001 001   L b1\n000000001 24510 L $$aX\n000000002 001   L b2\n")
    assert [row["id"] for row in reading.rows] == ["b1", "b2"]
    assert reading.notes == ["E343", "E343"]


@pytest.mark.parametrize("head", [f"{LEADER}\n=001  ", ALEPH.format(1) + "000000001 24510 L $$a"])
def test_a_line_without_end_is_bounded(head: str) -> None:
    reading = one(
        head + "x" * 3_000_000 + "\n" + (f"\n{LEADER}\n=001  b2" if "=LDR" in head else ALEPH.format(2)),
        max_record_bytes=2000,
    )
    assert reading.codes == [(1, "E348")]
    assert [row["id"] for row in reading.rows] == ["b2"]
    assert len(reading.rejected[0].raw) <= 2000


@pytest.mark.parametrize(
    ("declared", "data", "code"),
    [
        ("mrk", b"<x/>", "E340"),
        ("aleph", b"=LDR  x", "E340"),
        ("json", b"a;b", "E340"),
        ("marcxml", b"{", "E340"),
    ],
)
def test_a_declared_form_is_held_to(declared: str, data: bytes, code: str) -> None:
    assert refusal(MARC, data, columns=COLUMNS, format=declared) == [code]


def test_every_mnemonic_is_text() -> None:
    assert len(BYTES) > 95
    names = [name.decode() for name in BYTES if name not in (b"esc", b"joiner", b"nonjoin")]
    accents = [name for name in names if BYTES[name.encode()][0] >= 0xE0 and len(BYTES[name.encode()]) == 1]
    for name in names:
        title = f"$ax{{{name}}}" + ("e" if name in accents else "")
        reading = one(f"{LEADER}\n=245  10{title}\n")
        assert reading.notes == [], name
        assert reading.rejected == [], name


# ------------------------------------------------------------------------------------------- real files


@pytest.mark.parametrize(
    ("text", "iso"),
    [("marc-basic/camel.mrk", "marc-basic/camel.usmarc"), ("marc-malformed-easy/brkrtest.mrk", "marc-malformed-easy/brkrtest.mrc")],
)  # fmt: skip
def test_real_mrk_agrees_with_iso2709(text: str, iso: str) -> None:
    mrk = read(MARC, shared(*text.split("/")), columns={"r": "record"})
    assert fields(mrk) == fields(read(MARC, shared(*iso.split("/")), columns={"r": "record"}))
    assert mrk.notes == []


@pytest.mark.parametrize(("name", "count"), [("rug01.aleph", 2), ("alephseq-example1.txt", 9)])
def test_real_aleph_files(name: str, count: int) -> None:
    reading = read(MARC, shared("marc-basic", name), columns=COLUMNS)
    assert (len(reading.rows), reading.rejected, reading.notes) == (count, [], [])


PAIRS = [
    ("aleph-sequential", 1),
    ("aleph-sequential", 2),
    ("iso2709", 1),
    ("iso2709", 2),
    ("json", 1),
    ("marcxml", 1),
    ("marcxml", 2),
    ("oai-marcxml", 1),
]


@pytest.mark.parametrize(("form", "number"), PAIRS)
def test_serialiser_fixtures_of_the_national_library_of_finland(form: str, number: int) -> None:
    """fromN parses to the record that toN shows."""
    found = read(MARC, shared("marc-natlibfi", form, f"from{number}"), columns={"r": "record"})
    assert (len(found.rows), found.rejected, found.notes) == (1, [], [])
    record = json.loads(str(found.rows[0]["r"]))
    lines = [f"LDR    {record['leader']}"]
    for field in record["fields"]:
        [(tag, body)] = field.items()
        if isinstance(body, str):
            lines += (
                [f"{tag}    {body}"] if tag != "FMT" else []
            )  # Aleph's own, which that program leaves out
        else:
            parts = "".join(f"‡{code}{text}" for part in body["subfields"] for code, text in part.items())
            lines.append(f"{tag} {body['ind1']}{body['ind2']} {parts}")
    shown = shared("marc-natlibfi", form, f"to{number}").read_text("utf-8")
    assert lines == unicodedata.normalize("NFC", shown).splitlines()
