"""Files of the Libris acquisition routine, title by title (vendors.md §5e)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from libris_files import ISBN, NAME, bib, copy, field, holdings, iso2709, xml

from connectors.formats.marc_record import Field, MarcRecord
from connectors.libris import LibrisConnector
from connectors.libris_file_name import read_file_name
from etl.plugin import Problem, Refusal, Rejected, Severity
from etl.testing.sources import bytes_source

CONNECTOR = LibrisConnector()
NOTE = r"kund (?P<account>\S+) order (?P<order_id>\S+)"


@dataclass
class Read:
    rows: list[dict[str, Any]]
    rejected: list[Rejected]
    notes: list[Problem]

    @property
    def codes(self) -> list[tuple[int, str]]:
        return [(one.record, problem.code) for one in self.rejected for problem in one.problems]


def read(data: bytes, name: str = NAME, **options: object) -> Read:
    batches = list(CONNECTOR.read(bytes_source(data, name), CONNECTOR.Options.model_validate(options), None))
    return Read(
        [row for batch in batches for row in batch.frame.to_dicts()],
        [one for batch in batches for one in batch.rejected],
        [one for batch in batches for one in batch.notes],
    )


def row_of(*records: MarcRecord, name: str = NAME, **options: object) -> dict[str, Any]:
    found = read(xml(*records), name, **options)
    assert found.rejected == []
    [row] = found.rows
    return row


# ---------------------------------------------------------------------------------------- the file name

NAMES = [
    (
        "adlibris_Exb_20240311142205_SE-LIBR8452921.xml",
        ("adlibris", "Exb", "20240311142205", "SE-LIBR", "8452921"),
    ),
    ("in\\ForlagEtt_Exb_20240311142205_F1_778.iso88591", ("ForlagEtt", "Exb", "20240311142205", None, None)),
    ("s3://drop/bokus_Exb_20240311142205.xml", ("bokus", "Exb", "20240311142205", None, None)),
    ("BTJ_Exb_20240311142205_SwLnBT23456789.XML", ("BTJ", "Exb", "20240311142205", "SwLnBT", "23456789")),
    ("adlibris_Exb_2024-03-11.xml", (None,) * 5),
    ("_Exb_20240311142205.xml", (None,) * 5),
    ("orders.xml", (None,) * 5),
    ("", (None,) * 5),
]


@pytest.mark.parametrize(("path", "parts"), NAMES, ids=[path for path, _ in NAMES])
def test_file_names(path: str, parts: tuple[str | None, ...]) -> None:
    found = read_file_name(path)
    names = ("supplier", "sigel", "created", "record_supplier", "record_no")
    assert tuple(found.get(f"file.{name}") for name in names) == parts


def test_what_the_name_says_is_in_every_line() -> None:
    row = row_of(bib(), holdings(copy()))
    assert (row["supplier"], row["library"], row["order_date"], row["order_id"]) == (
        "adlibris", "Exb", date(2024, 3, 11), "20240311142205",
    )  # fmt: skip
    assert row["raw"]["file.reference"] == "SE-LIBR8452921"


def test_a_file_of_another_name_is_told_and_can_be_helped() -> None:
    found = read(xml(bib(), holdings(copy())), "orders.xml", defaults={"supplier": "Bokus"})
    assert "E376" in [note.code for note in found.notes]
    assert (found.rows[0]["supplier"], found.rows[0]["library"]) == ("Bokus", None)


def test_a_day_that_does_not_exist() -> None:
    assert read(xml(bib(), holdings(copy())), "bokus_Exb_20241311142205.xml").codes == [(1, "E353")]


# ------------------------------------------------------------------------------------------- the record

COLUMNS = [
    ("isbn", ISBN, ()),
    ("title", "Sju nätter på Åland", ()),
    (
        "title",
        "Vindens öar : en berättelse",
        (field("245", ("a", "Vindens öar :"), ("b", "en berättelse /"), ("c", "Ek")),),
    ),
    ("author", "Öberg, Åsa", (field("100", ("a", "Öberg, Åsa,"), ("d", "1968-")),)),
    ("author", "Sametinget", (field("110", ("a", "Sametinget")),)),
    ("author", "Vidén, Eva", (field("700", ("a", "Vidén, Eva"), ("4", "trl")),)),
    ("publisher", "Berghs", (field("264", ("a", "Umeå :"), ("b", "Berghs,"), ("c", "2017")),)),
    ("place", "Umeå", (field("260", ("a", "Umeå :"), ("b", "Berghs,")),)),
    ("year", "[2017]", (field("264", ("c", "[2017]")),)),
    ("form", "inbunden", ()),
    ("language", "swe", (Field("008", "170327s2017    sw ||||j     |00| 0|swe d"),)),
    ("classification", "Hc", (field("084", ("a", "Hc"), ("2", "kssb/8")),)),
    ("ean", "7340000001007", (field("024", ("a", "7340000001007"), ind="3 "),)),
    ("article_no", "BTJ 24:05:117", (field("024", ("a", "BTJ 24:05:117"), ind="8 "),)),
    (
        "system_numbers",
        ["(BOKR)978", "SwLnBT1"],
        (field("035", ("a", "(BOKR)978")), field("035", ("a", " SwLnBT1"))),
    ),
    ("is_electronic", True, (Field("007", "cr |||"),)),
    ("is_electronic", None, ()),
    ("title_number", "8452921", ()),
    ("external_no", "8452921", ()),
    ("record_supplier", "LIBRIS", ()),
]


@pytest.mark.parametrize(
    ("column", "value", "fields"), COLUMNS, ids=[f"{name}-{n}" for n, (name, *_) in enumerate(COLUMNS)]
)
def test_columns(column: str, value: object, fields: tuple[Field, ...]) -> None:
    title = "" if any(one.tag == "245" for one in fields) else "Sju nätter på Åland /"
    assert row_of(bib(*fields, title=title), holdings(copy()))[column] == value


def test_020_that_begins_with_no_digit_is_an_article_number() -> None:
    row = row_of(
        bib(field("020", ("a", "FILM-17")), field("020", ("a", "91-999990-1-3 (häftad)"))), holdings(copy())
    )
    assert (row["isbn"], row["article_no"]) == ("91-999990-1-3 (häftad)", "FILM-17")


@pytest.mark.parametrize(
    ("source", "known"),
    [("SE-LIBR", "LIBRIS"), ("LIBRIS", "LIBRIS"), ("SwLnBT", "BURK"), ("SWLNBT", "BURK"), ("", "LIBRIS")],
)
def test_whose_number_it_is(source: str, known: str) -> None:
    row = row_of(bib(source=source), holdings(copy()))  # without 003 the file name says it
    assert (row["record_supplier"], row["external_no"]) == (known, "8452921")


def test_a_number_nobody_claims_is_no_record_number() -> None:
    row = row_of(
        bib(number="F1-778", source=""), holdings(copy()), name="ForlagEtt_Exb_20240311142205_F1-778.xml"
    )
    assert (row["external_no"], row["title_number"]) == (None, "F1-778")


def test_raw_has_every_subfield_and_marc_xml_the_record() -> None:
    row = row_of(
        bib(field("599", ("a", "x"), ("a", "y")), field("700", ("a", "1")), field("700", ("a", "2"))),
        holdings(copy()),
    )
    assert {
        "001": "8452921",
        "599$a": "x; y",
        "700[2]$a": "2",
        "245$a": "Sju nätter på Åland /",
    }.items() <= row["raw"].items()
    assert "Sju nätter på Åland /</subfield>" in row["marc_xml"]


def test_columns_can_come_from_any_path() -> None:
    row = row_of(bib(field("082", ("a", "839.7"))), holdings(copy()), columns={"classification": "082$a"})
    assert row["classification"] == "839.7"
    for wrong in ("082", "082$a[]", "record", "file."):
        with pytest.raises(ValueError, match=r"classification|082|record|file"):
            CONNECTOR.Options.model_validate({"columns": {"classification": wrong}})


# ----------------------------------------------------------------------------------------- the holdings


def places(row: dict[str, Any]) -> list[tuple[object, ...]]:
    return [
        (one["library"], one["department"], one["shelfmark"], one["quantity"]) for one in row["placements"]
    ]


def test_holdings_that_follow() -> None:
    barn, vuxen = copy("Barn", "Exb", ("h", "Hc"), ("j", "Ö")), copy("Vuxen")
    row = row_of(bib(), holdings(barn), holdings(vuxen), holdings(barn))
    assert row["quantity"] == 3
    assert places(row) == [("Exb", "Barn", "Hc Ö", 2), ("Exb", "Vuxen", None, 1)]


def test_holdings_inside_the_record() -> None:
    row = row_of(bib(copy("Barn"), copy("Barn"), field("852", ("5", "Exb"), ("c", "Vuxen"))))
    assert (row["quantity"], places(row)) == (3, [("Exb", "Barn", None, 2), ("Exb", "Vuxen", None, 1)])


def test_several_titles_in_a_file() -> None:
    found = read(
        xml(
            bib(number="1"),
            holdings(copy()),
            bib(copy(), number="2"),
            bib(number="3"),
            holdings(copy("Vuxen")),
        )
    )
    assert [(row["title_number"], row["_record"], row["_line"]) for row in found.rows] == [
        ("1", 1, 2),
        ("2", 2, 4),
        ("3", 3, 5),
    ]


def test_notes_of_the_copy_and_what_stands_in_them() -> None:
    texts = (("i", "BESTÄLLD"), ("x", "kund 712345 order 48211907"), ("z", "Till bokbussen"))
    row = row_of(bib(), holdings(copy("Barn", "Exb", *texts)), note_pattern=NOTE)
    assert (row["account"], row["order_id"]) == ("712345", "48211907")
    assert row["placements"][0]["note"] == "BESTÄLLD; Till bokbussen"


def test_placements_as_rows() -> None:
    found = read(xml(bib(), holdings(copy("Barn")), holdings(copy("Vuxen"))), placements="lines")
    assert [(row["sub_line"], row["department"], row["quantity"]) for row in found.rows] == [
        ("1", "Barn", 1),
        ("2", "Vuxen", 1),
    ]


WRONG = {
    "no holdings": ([bib()], "E377"),
    "no title": ([bib(title=""), holdings(copy())], "E355"),
    "holdings first": ([holdings(copy())], "E378"),
    "holdings of another": ([bib(), holdings(Field("004", "8452999"), copy())], "E378"),
    "holdings without 852": ([bib(), holdings(Field("008", "x"))], "E378"),
    "counted twice": ([bib(copy()), holdings(copy())], "E378"),
    "two orders": (
        [
            bib(),
            holdings(
                copy("Barn", "Exb", ("x", "kund 1 order 1")), copy("Barn", "Exb", ("x", "kund 1 order 2"))
            ),
        ],
        "E378",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_title_is_rejected_alone(name: str) -> None:
    records, code = WRONG[name]
    last = [bib(number="9"), holdings(copy())]
    found = read(xml(*records, *last), note_pattern=NOTE)
    assert [row["title_number"] for row in found.rows] == ["9"]
    assert found.codes == [(1, code)]
    assert found.rejected[0].raw.count(b"<leader>") == len(records)


def test_a_record_alone_can_be_an_order() -> None:
    row = row_of(bib(), no_holdings="one")
    assert (row["quantity"], places(row)) == (1, [("Exb", None, None, 1)])


def test_holdings_of_another_library_are_told() -> None:
    found = read(xml(bib(), holdings(copy(sigel="EXB")), bib(), holdings(copy(sigel="Grb"))))
    assert [(note.code, note.data.record if note.data else 0) for note in found.notes] == [("E440", 2), ("E378", 2)]


# ------------------------------------------------------------------------------ ISO 2709, damage, other forms

HOLDINGS = "00000nx   2200000   4500"


def latin_1(*records: MarcRecord) -> bytes:
    return iso2709(
        *(MarcRecord(one.leader[:9] + " " + one.leader[10:], one.fields) for one in records), codec="latin-1"
    )


def test_latin_1_under_a_blank_leader_09() -> None:
    found = read(
        latin_1(bib(), holdings(copy("Vårdcentralen"), leader=HOLDINGS)),
        "ForlagEtt_Exb_20240312081500.iso88591",
    )
    assert (found.rows[0]["title"], places(found.rows[0])[0][1]) == ("Sju nätter på Åland", "Vårdcentralen")
    assert [note.code for note in found.notes] == ["E379"]


def test_utf_8_under_a_blank_leader_09() -> None:
    data = iso2709(MarcRecord("00000nam  2200000 a 4500", bib(copy()).fields))
    found = read(data)
    assert (found.rows[0]["title"], [note.code for note in found.notes]) == ("Sju nätter på Åland", ["E361"])


def test_encoding_can_be_set() -> None:
    assert read(latin_1(bib(copy())), encoding="latin-1").notes == []
    assert read(latin_1(bib(copy())), encoding="utf-8").codes == [(1, "E346")]


def test_a_holdings_record_cut_off_rejects_its_title() -> None:
    data = iso2709(
        bib(number="1"), holdings(copy(), leader=HOLDINGS), bib(number="2"), holdings(copy(), leader=HOLDINGS)
    )
    found = read(data[:-10])
    assert [row["title_number"] for row in found.rows] == ["1"]
    assert [code for _, code in found.codes] == ["E345", "E378"]
    assert found.rejected[0].raw == data[data.index(b"\x1d", data.index(b"\x1d") + 1) + 1 : -10]


def test_broken_xml_rejects_the_title_that_waits_for_holdings() -> None:
    data = xml(bib(number="1"), holdings(copy()), bib(number="2"), holdings(copy()))
    waiting = read(data[: data.rindex(b"<record") + 60])
    assert [row["title_number"] for row in waiting.rows] == ["1"]
    complete = read(xml(bib(copy(), number="1"), bib(copy(), number="2"))[:-30])
    assert [row["title_number"] for row in complete.rows] == ["1"]
    assert complete.codes == [(2, "E325")]


REFUSED = {
    "MARC-in-JSON": (b'{"leader": "", "fields": []}', {"E340", "E341"}),
    "a table": (b"SAB\tTitel\nA\tBok\n", {"E340"}),
    "other XML": (b"<a/>", {"E342"}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    data, codes = REFUSED[name]
    with pytest.raises(Refusal) as refused:
        read(data)
    assert {problem.code for problem in refused.value.problems} <= codes


@pytest.mark.parametrize("pattern", ["order (", "order (.+)"])
def test_a_note_pattern_without_names(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"regular expression|named group"):
        CONNECTOR.Options.model_validate({"note_pattern": pattern})


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (Field("001", "8452999"), "E327"),
        (Field("001", "8452921"), None),
        (field("024", ("a", "7391"), ("a", "7392"), ind="3 "), "E327"),
        (field("245", ("a", "En annan titel"), ind="10"), "E328"),
        (field("700", ("a", "Ek"), ("a", "Öberg")), None),
    ],
)
def test_what_a_record_says_twice(more: Field, code: str | None) -> None:
    told = read(xml(bib(more), holdings(copy()))).notes
    assert {one.code for one in told} == ({code} if code else set())
    assert all((one.severity is Severity.HOLD) == (code == "E327") for one in told)
