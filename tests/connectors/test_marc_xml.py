"""MARCXML: namespaces, broken and hostile XML, and agreement with ISO 2709."""

from __future__ import annotations

import json

import pytest
from marc_samples import marcxml_of, records_of, shared, transmission_of
from reading import read, refusal

from connectors.marc_file import MarcConnector
from etl.problems import Severity

MARC = MarcConnector()
COLUMNS = {"id": "001", "title": "245$a$b", "leader": "LDR/5-8", "isbns": "020$a[]"}
GOOD = '<record><leader>00000nam a2200000 a 4500</leader><controlfield tag="001">{}</controlfield></record>'


def collection(*records: str) -> bytes:
    return f"<collection>{''.join(records)}</collection>".encode()


def test_agrees_with_iso2709() -> None:
    records = records_of(5)
    whole = {**COLUMNS, "whole": "record"}
    xml = read(MARC, marcxml_of(records), columns=whole)
    iso = read(MARC, transmission_of(records), columns=whole)
    for row, other in zip(xml.rows, iso.rows, strict=True):
        one, two = json.loads(str(row.pop("whole"))), json.loads(str(other.pop("whole")))
        assert row == other
        assert one["fields"] == two["fields"]
    assert [place[1] for place in xml.places] == [3, 4, 5, 6, 7]


def test_agrees_on_a_real_file() -> None:
    xml = read(MARC, shared("marc-basic", "test_data.utf8.marc.xml"), columns={"r": "record"})
    iso = read(MARC, shared("marc-basic", "test_data.utf8.mrc"), columns={"r": "record"})
    fields = [[json.loads(str(row["r"]))["fields"] for row in reading.rows] for reading in (xml, iso)]
    assert len(fields[0]) == 30
    assert fields[0] == fields[1]


@pytest.mark.parametrize(
    "wrap",
    [
        "{}",
        "<collection>{}</collection>",
        '<collection xmlns="http://www.loc.gov/MARC21/slim">{}</collection>',
        '<x xmlns="info:lc/xmlns/marcxchange-v1">{}</x>',
        '<?xml version="1.0" encoding="ISO-8859-1"?><collection>{}</collection>',
        '<OAI xmlns="http://www.openarchives.org/OAI/2.0/"><record><header/><metadata>{}</metadata></record></OAI>',
    ],
)
def test_wrappings(wrap: str) -> None:
    assert [
        row["id"] for row in read(MARC, wrap.format(GOOD.format("b1")).encode(), columns=COLUMNS).rows
    ] == ["b1"]


def test_prefix() -> None:
    text = (
        GOOD.format("b1")
        .replace("</", "</m:")
        .replace("<r", "<m:r")
        .replace("<l", "<m:l")
        .replace("<c", "<m:c")
    )
    data = f'<m:collection xmlns:m="http://www.loc.gov/MARC21/slim">{text}</m:collection>'.encode()
    assert [row["id"] for row in read(MARC, data, columns=COLUMNS).rows] == ["b1"]


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("<record/>", "neither a leader nor fields"),
        ("<record><controlfield>x</controlfield></record>", "no tag"),
        ('<record><datafield tag="245"><subfield>x</subfield></datafield></record>', "field 245"),
        ('<record><datafield tag="245">lost<subfield code="a">x</subfield></datafield></record>', '"lost"'),
        (
            '<record><datafield tag="245"><subfield code="a">x<b>y</b></subfield></datafield></record>',
            "245$a",
        ),
        ("<record><title>x</title></record>", "but title"),
    ],
)
def test_a_wrong_record_is_rejected_alone(bad: str, said: str) -> None:
    reading = read(MARC, collection(GOOD.format("b1"), bad, GOOD.format("b3")), columns=COLUMNS)
    assert [row["id"] for row in reading.rows] == ["b1", "b3"]
    assert reading.codes == [(2, "E350")]
    assert said in reading.rejected[0].problems[0].message
    assert b"<record" in reading.rejected[0].raw


def test_comments_do_not_cut_text() -> None:
    data = collection(GOOD.format("b<!-- x -->1<?pi?>0"))
    assert [row["id"] for row in read(MARC, data, columns=COLUMNS).rows] == ["b10"]


def test_entities_are_neither_resolved_nor_lost() -> None:
    doctype = '<!DOCTYPE c [<!ENTITY x "yy"><!ENTITY f SYSTEM "file:///etc/hostname">]>'
    data = doctype.encode() + collection(GOOD.format("b&amp;1"), GOOD.format("&f;"), GOOD.format("a&x;b"))
    reading = read(MARC, data, columns=COLUMNS)
    assert [row["id"] for row in reading.rows] == ["b&1"]
    assert reading.codes == [(2, "E350"), (3, "E350")]


def test_exponential_entities_are_harmless() -> None:
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    data = f'<!DOCTYPE c [<!ENTITY l0 "ha">{lol}]>'.encode() + collection(GOOD.format("&l11;"))
    assert read(MARC, data, columns=COLUMNS).codes in ([(1, "E350")], [(1, "E349")])


@pytest.mark.parametrize(
    ("end", "code"),
    [
        ("<record><leader>x</collection>", "E349"),
        ("</wrong>", "E349"),
        ("<record><leader>x", "E325"),
        ("<record>\x01", "E325"),
        ("<rec", "E325"),
        ("", "E325"),
    ],
)
def test_broken_xml_keeps_what_came_before(end: str, code: str) -> None:
    data = f"<collection>\n{GOOD.format('b1')}\n{GOOD.format('b2')}{end}".encode()
    reading = read(MARC, data, columns=COLUMNS)
    assert [row["id"] for row in reading.rows] == ["b1", "b2"]
    assert reading.codes == [(3, code)]
    assert reading.rejected[0].raw == end.encode()


@pytest.mark.parametrize("number", range(6))
def test_libris_batches(number: int) -> None:
    reading = read(MARC, shared("swedish-libris", f"batch{number}.xml"), columns=COLUMNS)
    assert (len(reading.rows), reading.rejected) == (2, [])


@pytest.mark.parametrize("name", ["chabon-missing-controlfield-tag", "chabon-missing-subfield-code"])
def test_errors_name_what_is_missing(name: str) -> None:
    reading = read(MARC, shared("marc-malformed-easy", f"{name}.xml"), columns=COLUMNS)
    assert reading.codes == [(1, "E350")]
    message = reading.rejected[0].problems[0].message
    assert ("no tag" in message) if "tag" in name else ("subfield" in message)


def test_another_xml_has_no_records() -> None:
    assert refusal(MARC, b"<ONIXMessage><Product/></ONIXMessage>", columns=COLUMNS) == ["E342"]


@pytest.mark.parametrize(
    ("within", "code", "holds"),
    [
        ("<note>x</note>", "E350", False),
        ('<controlfield tag="1">x</controlfield>', "E350", False),
        ('<datafield tag="45"><subfield code="a">x</subfield></datafield>', "E350", True),
        ('<datafield tag="245"><subfield code="á">x</subfield></datafield>', "E365", False),
        ('<datafield tag="245"><subfield code="a">x\ny</subfield></datafield>', "E318", False),
        ('<datafield tag="245"><subfield code="a">&amp;#x2019;</subfield></datafield>', "E332", False),
    ],
)
def test_what_is_odd_is_told_and_the_record_read(within: str, code: str, holds: bool) -> None:
    record = GOOD.format("b1").replace("</record>", f"{within}</record>")
    reading = read(MARC, collection(record), columns={"id": "001", "title": "245$a"})
    assert [row["id"] for row in reading.rows] == ["b1"]
    assert [(note.code, note.severity is Severity.HOLD) for note in reading.problems] == [(code, holds)]


@pytest.mark.parametrize("leader", ["<leader>nam</leader>", "<leader/>", ""])
def test_a_leader_that_is_none_is_told(leader: str) -> None:
    record = GOOD.format("b1").replace("<leader>00000nam a2200000 a 4500</leader>", leader)
    reading = read(MARC, collection(record, GOOD.format("b2")), columns=COLUMNS)
    assert [row["id"] for row in reading.rows] == ["b1", "b2"]
    assert reading.notes == ["E343"]


MARCS = [GOOD.format(f"b{number}") for number in range(50)]


@pytest.mark.parametrize("damage", [b"&", b"&nope;", b"\xff", b"\x01", b"<", b"</x>", b"<record>", b"</record>"])
@pytest.mark.parametrize("place", [b">b7<", b"</leader><controlfield tag='001'>b7<"], ids=["text", "between"])
@pytest.mark.parametrize("wrap", ["{}", "<record><header/><metadata>{}</metadata></record>"], ids=["bare", "oai"])
def test_one_wrong_byte_costs_one_record(damage: bytes, place: bytes, wrap: str) -> None:
    wrapped = [wrap.format(record) for record in MARCS]
    data = ('<?xml version="1.0"?>\n<m:c xmlns:m="x">' + "\n".join(wrapped) + "</m:c>").encode()
    at = data.index(b">b7<") + (1 if place == b">b7<" else -len('<controlfield tag="001"'))
    reading = read(MARC, data[:at] + damage + data[at:], columns={"id": "001"})
    found = [row["id"] for row in reading.rows]
    assert found == [f"b{number}" for number in range(50) if number != 7]
    assert {code for _, code in reading.codes} == {"E349"}
    assert 1 <= len(reading.codes) <= 2
    assert reading.places[-1][1] == 51


def test_every_broken_record_is_told_at_its_own_place() -> None:
    broken = [record.replace("nam", "n&m") if number % 10 == 3 else record for number, record in enumerate(MARCS)]
    data = ('<?xml version="1.0" encoding="ISO-8859-1"?>\n<c>' + "\n".join(broken) + "</c>").encode()
    reading = read(MARC, data, columns={"id": "001"})
    assert len(reading.rows) == 45
    assert [record for record, _ in reading.codes] == [4, 14, 24, 34, 44]
    for number, item in zip((3, 13, 23, 33, 43), reading.rejected, strict=True):
        assert f"line {number + 2}, " in item.problems[0].message
        assert item.raw.strip() == broken[number].encode()


def test_a_broken_file_that_was_cut_off_is_not_whole() -> None:
    data = ("<c>" + "\n".join([*MARCS[:3], "<record>&</record>", *MARCS[3:]])).encode()
    assert read(MARC, data[:-40], columns={"id": "001"}).codes[-1][1] == "E325"
