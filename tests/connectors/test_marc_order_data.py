"""Nothing of a MARC order record goes unused in silence: it is in a column, or told."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marc_samples import data_field, marcxml_of
from pymarc import Field, Record

from connectors.formats.marc_order_data import is_order_data
from connectors.formats.marc_path import parse_path
from connectors.formats.marc_record import Field as Read
from connectors.marc_file import MarcConnector
from etl.plugin import Problem, Severity
from etl.testing.sources import bytes_source

MARC = MarcConnector()


@dataclass
class Told:
    """What became of a file."""

    rows: list[dict[str, object]]
    notes: list[Problem]
    unread: dict[str, int]
    rejected: int

    @property
    def codes(self) -> list[str]:
        return [note.code for note in self.notes]


def told_of(data: bytes, columns: dict[str, str], **options: object) -> Told:
    batches = list(MARC.read(bytes_source(data), MARC.Options(columns=columns, **options), None))
    unread = {name: one.records for batch in batches for name, one in batch.unread.items()}
    return Told(
        [row for batch in batches for row in batch.frame.to_dicts()],
        [note for batch in batches for note in batch.notes],
        unread,
        sum(len(batch.rejected) for batch in batches),
    )


def record(*fields: Field) -> Record:
    made = Record(leader="00000nam a2200000 a 4500", force_utf8=True)
    made.add_field(*fields)
    return made


def told(*fields: Field, rows: str | None = None, **columns: str) -> Told:
    return told_of(record(*fields).as_marc(), columns, rows=rows)


def order(*parts: tuple[str, str], tag: str = "960") -> Field:
    return data_field(tag, "  ", *parts)


NUMBER = Field("001", data="T1")
TWO_BLOCKS = (NUMBER, order(("o", "2"), ("u", "A")), order(("o", "3"), ("u", "B")))


def test_two_order_fields_without_rows_hold_the_order() -> None:
    found = told(*TWO_BLOCKS, no="001", copies="960$o", funds="960$u[]")
    assert [(note.code, note.severity) for note in found.notes] == [("E327", Severity.HOLD)]
    (note,) = found.notes
    assert '"960$o"' in note.message
    assert '"2", "3"' in note.message
    assert note.data is not None
    assert (note.data.record, note.data.field) == (1, "copies")
    for way in ("copies: 960$o[]", "copies: 960$o[0]", 'rows: "960"'):
        assert way in (note.help or "")
    assert found.rows[0]["copies"] == "2"


def test_of_a_row_only_its_own_field_counts() -> None:
    found = told(*TWO_BLOCKS, rows="960", no="001", copies="960$o", fund="960$u")
    assert [(row["copies"], row["fund"]) for row in found.rows] == [("2", "A"), ("3", "B")]
    assert found.notes == []


def test_within_a_rows_field_a_subfield_stands_once() -> None:
    twice = order(("o", "2"), ("u", "A"), ("o", "3"), ("u", "B"))
    found = told(NUMBER, order(("o", "1"), ("u", "C")), twice, rows="960", no="001", n="960$o", fund="960$u")
    assert found.codes == ["E327", "E327"]
    assert "the record's field 960 number 2" in found.notes[0].message


def test_another_order_field_that_is_repeated_beside_rows() -> None:
    found = told(*TWO_BLOCKS, order(("d", "x"), tag="949"), order(("d", "y"), tag="949"), rows="960", n="949$d")
    assert found.codes == ["E327"]
    found = told(NUMBER, order(("o", "1"), tag="852"), order(("d", "x"), ("d", "y"), tag="853"), rows="852",
                 n="852$o", note="853@$d")  # fmt: skip
    assert found.codes == ["E327"]


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("001", [Field("001", data="T1"), Field("001", data="T2")]),
        ("020$c", [data_field("020", "  ", ("c", "19.90"), ("c", "29.90"))]),
        ("024{ind1=3}$a", [data_field("024", "3 ", ("a", "1")), data_field("024", "3 ", ("a", "2"))]),
        ("037$a|036$a", [data_field("037", "  ", ("a", "1")), data_field("037", "  ", ("a", "2"))]),
        ("365$b", [data_field("365", "  ", ("b", "1")), data_field("365", "  ", ("b", "2"))]),
        ("9..$o", [order(("o", "1")), order(("o", "2"), tag="949")]),
        ("960$o$u", [order(("o", "1"), ("u", "A")), order(("o", "1"), ("u", "B"))]),
        ("960[1]$o", [order(("o", "1"), ("o", "2"))]),
    ],
)
def test_order_data_hold(path: str, fields: list[Field]) -> None:
    assert told(*fields, x=path).codes == ["E327"]
    assert told(*fields, x="|".join(f"{part}[0]" for part in path.split("|"))).notes == []
    assert told(*fields, x="|".join(f"{part}[]" for part in path.split("|"))).notes == []


def test_elsewhere_it_is_a_warning() -> None:
    isbns = (data_field("020", "  ", ("a", "9789199999913")), data_field("020", "  ", ("a", "9789199999920")))
    found = told(*isbns, isbn="020$a")
    assert [(note.code, note.severity) for note in found.notes] == [("E328", Severity.WARNING)]
    assert "the first is taken" in found.notes[0].message


@pytest.mark.parametrize(
    ("path", "one", "other"),
    [
        ("960$o", "2", " 2 "),
        ("960$s", "19.90", "19.90 ;"),
        ("245$a", "Vindens öar /", "Vindens öar"),
        ("020$a", "91-7000-150-3 (inb.)", "9789170001505"),
        ("020$a", "9789199999913 :", "978-91-999999-1-3"),
        ("020$a", "invalid", "invalid"),
    ],
)
def test_what_is_one_value_is_not_told_as_two(path: str, one: str, other: str) -> None:
    tag, code = path.split("$")
    found = told(data_field(tag, "  ", (code, one)), data_field(tag, "  ", (code, other)), x=path)
    assert found.notes == []
    assert found.rows[0]["x"] == one


def test_the_first_on_purpose_ends_a_path() -> None:
    for path in ("020$a[0]", "001[0]", "264$b[0]|260$b[0]", "008/35-37[0]"):
        assert parse_path(path).take == "[0]"
    with pytest.raises(ValueError, match="or none"):
        parse_path("264$b[0]|260$b")
    with pytest.raises(ValueError, match="count from 1"):
        parse_path("020[0]$a")


# ------------------------------------------------------------------------------ what nothing reads


def test_order_data_that_no_column_reads() -> None:
    found = told(
        NUMBER,
        data_field("020", "  ", ("a", "9789199999913"), ("c", "19.90")),
        data_field("024", "3 ", ("a", "7391")),
        data_field("024", "8 ", ("a", "BTJ")),
        data_field("084", "  ", ("a", "Hc")),
        order(("o", "2"), ("z", "SEK"), ("x", " ")),
        ean="024{ind1=3}$a",
        copies="960$o",
    )
    assert found.unread == {"001": 1, "020$c": 1, "024$a": 1, "960$z": 1}


@pytest.mark.parametrize(("tag", "code"), [("852", "b"), ("852", "p"), ("541", "h"), ("541", "a")])
def test_where_a_copy_stands_and_what_was_paid_is_told_and_holds_nothing(tag: str, code: str) -> None:
    twice = [NUMBER, order((code, "A"), tag=tag), order((code, "B"), tag=tag)]
    assert (told(*twice, no="001").unread, told(*twice, no="001").notes) == ({f"{tag}${code}": 1}, [])
    read = told(*twice, no="001", x=f"{tag}${code}")
    assert (read.unread, read.codes) == ({}, ["E328"])


def test_the_whole_record_reads_everything() -> None:
    assert told(*TWO_BLOCKS, x="record").unread == {}


def test_the_field_of_rows_is_order_data_whatever_its_tag() -> None:
    found = told(NUMBER, order(("o", "1"), ("p", "x"), tag="852"), rows="852", no="001", copies="852$o")
    assert found.unread == {"852$p": 1}


# -------------------------------------------------------------------------- in each serialisation


def _mrk() -> bytes:
    return b"=LDR  00000nam a2200000 a 4500\n=001  T1\n=960  \\\\$o2$o3$zSEK\n\n"


def _aleph() -> bytes:
    lines = ("LDR   L 00000nam a2200000 a 4500", "001   L T1", "960   L $$o2$$o3$$zSEK")
    return "".join(f"000000001 {line}\n" for line in lines).encode()


def _json() -> bytes:
    subfields = [{"o": "2"}, {"o": "3"}, {"z": "SEK"}]
    fields = [{"001": "T1"}, {"960": {"ind1": " ", "ind2": " ", "subfields": subfields}}]
    return json.dumps([{"leader": "00000nam a2200000 a 4500", "fields": fields}]).encode()


SAME = record(NUMBER, order(("o", "2"), ("o", "3"), ("z", "SEK")))


@pytest.mark.parametrize(
    "data", [SAME.as_marc(), marcxml_of([SAME]), _json(), _mrk(), _aleph()], ids=["iso", "xml", "json", "mrk", "aleph"]
)  # fmt: skip
@pytest.mark.parametrize("rows", [None, "960"])
def test_every_serialisation_tells_the_same(data: bytes, rows: str | None) -> None:
    found = told_of(data, {"no": "001", "copies": "960$o"}, rows=rows)
    assert found.codes == ["E327"]
    assert found.unread == {"960$z": 1}


# -------------------------------------------------------------------------------------- a property

PATHS = ("001", "020$a", "020$c", "024{ind1=3}$a", "037$a", "245$a$b", "365$b", "960$o", "960$s", "960$u[]",
         "961$d", "949$k$l", "949[1]$k", "650$a[]", "9..$q", "041$a/0-2")  # fmt: skip
PARTS = [("020", "a"), ("020", "c"), ("024", "a"), ("037", "a"), ("245", "a"), ("245", "b"), ("365", "b"),
         ("960", "o"), ("960", "s"), ("960", "u"), ("960", "t"), ("960", "q"), ("961", "d"), ("949", "k"),
         ("949", "l"), ("650", "a"), ("041", "a")]  # fmt: skip
TEXTS = st.text("ABC123", min_size=1, max_size=4)


@st.composite
def changed_records(draw: st.DrawFn) -> tuple[Record, Record, str, str]:
    """A record, the same with one of its values repeated as another, and which that is."""
    tags = draw(st.lists(st.sampled_from(sorted({tag for tag, _ in PARTS})), min_size=1, max_size=5))
    fields = []
    for tag in tags:
        codes = draw(st.lists(st.sampled_from([code for one, code in PARTS if one == tag]), min_size=1, max_size=3))
        fields.append((tag, draw(st.sampled_from(["  ", "3 "])), [(code, draw(TEXTS)) for code in codes]))
    at = draw(st.integers(0, len(fields) - 1))
    tag, indicators, parts = fields[at]
    nth = draw(st.integers(0, len(parts) - 1))
    code, text = parts[nth]
    other = (code, f"X{text}")
    if draw(st.booleans()):
        changed = [*fields[:at], (tag, indicators, [*parts, other]), *fields[at + 1 :]]
    else:
        again = (tag, indicators, [*parts[:nth], other, *parts[nth + 1 :]])
        changed = [*fields[: at + 1], again, *fields[at + 1 :]]
    before, after = (
        record(NUMBER, *(data_field(*one[:2], *one[2]) for one in some)) for some in (fields, changed)
    )
    return before, after, tag, code


@given(
    changed_records(),
    st.sets(st.sampled_from(PATHS), min_size=1, max_size=6),
    st.sampled_from([None, "960", "961"]),
)
def test_a_value_that_is_repeated_as_another_changes_the_rows_or_is_told(
    records: tuple[Record, Record, str, str], paths: set[str], rows: str | None
) -> None:
    before, after, tag, code = records
    columns = {f"c{number}": path for number, path in enumerate(sorted(paths))}
    options = {"rows": rows, "no_rows": "one"}
    old, new = (told_of(one.as_marc(), columns, **options) for one in (before, after))
    blocks = frozenset({rows}) if rows else frozenset()
    fields = {tag: [_field(one) for one in after.get_fields(tag)]}
    read = any(
        code in cut.codes and cut.fields(fields) for path in paths for cut in parse_path(path).cuts
    )  # fmt: skip
    if not read and not is_order_data(tag, code, blocks):
        assert old.rows == new.rows
        return
    told_now = new.codes != [] or new.rejected > 0 or f"{tag}${code}" in new.unread
    assert old.rows != new.rows or told_now


def _field(one: Field) -> Read:
    return Read(one.tag, "", "".join(one.indicators), tuple((part.code, part.value) for part in one.subfields))
