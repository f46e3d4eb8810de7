"""The catalogue record in an order line of Adlibris is of what the line orders, or the line waits."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from adlibris_orders import ISBN, as_bytes, confirmed, item, posted, rad
from hypothesis import given
from hypothesis import strategies as st

from connectors.adlibris import AdlibrisConnector
from connectors.formats.marc_record import Field, MarcRecord
from connectors.formats.marcxml_text import marcxml_of
from connectors.order_marc.same_title import may_be_one
from etl.plugin import Problem, Severity
from etl.testing.sources import bytes_source

OTHER = "9780306406157"
TITLE = "Sju nätter på Åland"
REAL = Path(__file__).parents[4] / "shared" / "data" / "swedish-adlibris-json" / "adlibris-order-2items.json"


def record(*fields: str, kind: str = "am", number: str = "8452921") -> MarcRecord:
    """`fields` as "020 $a…" with $ for what begins a subfield; control fields without one."""
    made = MarcRecord(f"00000n{kind} a2200000 a 4500", [Field("001", number)])
    for text in fields:
        tag, body = text[:3], text[4:]
        parts = tuple((part[0], part[1:]) for part in body.split("$") if part)
        made.fields.append(Field(tag, "", "  ", parts) if "$" in body else Field(tag, body))
    return made


def iso2709(made: MarcRecord) -> str:
    directory = data = ""
    for tag, value, indicators, subfields in made.fields:
        text = value or indicators + "".join(f"\x1f{code}{part}" for code, part in subfields)
        size = len(text.encode()) + 1
        directory += f"{tag}{size:04}{len(data.encode()):05}"
        data += text + "\x1e"
    base = 25 + len(directory)
    leader = f"{base + len(data.encode()) + 1:05}{made.leader[5:9]}a22{base:05} a 4500"
    return f"{leader}{directory}\x1e{data}\x1d"


def told(document: object, wanted: frozenset[str] | None = None) -> list[Problem]:
    connector = AdlibrisConnector()
    batches = list(connector.read(bytes_source(as_bytes(document)), connector.Options(), wanted))
    assert [one for batch in batches for one in batch.rejected] == []
    return [note for batch in batches for note in batch.notes if note.code not in ("E358", "E375")]


OWN = f"020 $a{ISBN}"
KINDS = [
    (["020 $aBTJ 2405117", f"245 $a{TITLE}"], {}, []),
    ([OWN, f"245 $a{TITLE}"], {}, []),
    ([f"020 $a{OTHER}", OWN], {}, []),
    ([f"020 $a{OTHER}", f"020 $z{ISBN}"], {}, []),
    ([f"020 $a{OTHER}"], {}, ["E422"]),
    ([f"020 $z{OTHER}", f"245 $a{TITLE}"], {}, ["E422"]),
    ([OWN, "245 $aLjudbok: annan"], {}, ["E422"]),
    ([OWN, "245 $aSju nätter :$ben berättelse"], {}, []),
    ([OWN, "245 $aBoken$pTill Åland"], {}, []),
    ([OWN, "245 $aAnnat", "246 $aSju natter"], {}, []),
    ([OWN, "245 $aСемь ночей"], {}, []),
    ([OWN], {"kind": "im"}, ["E422"]),
    ([OWN], {"kind": "gm"}, ["E422"]),
    ([OWN, "007 sd fsngnn"], {}, ["E422"]),
    ([OWN, "007 ta", "007 cr"], {}, []),
    ([OWN, "338 $bcr"], {}, ["E422"]),
    ([OWN, "245 $aSju nätter$h[Elektronisk resurs]"], {}, ["E422"]),
    ([f"020 $a{OTHER}", "245 $aLjudbok: annan"], {"kind": "im"}, ["E422", "E422", "E422"]),
]
IDS = [f"{' '.join(fields)} {more}" for fields, more, _ in KINDS]


@pytest.mark.parametrize(("fields", "more", "codes"), KINDS, ids=IDS)
@pytest.mark.parametrize("wanted", [None, frozenset({"title"})], ids=["whole", "title alone"])
@pytest.mark.parametrize("write", [marcxml_of, iso2709])
def test_a_record_of_another_title_or_carrier_holds(
    fields: list[str], more: dict[str, str], codes: list[str], wanted: frozenset[str] | None, write: object
) -> None:
    assert callable(write)
    text = write(record(*fields, **more))
    for document in (posted(item(MARCRecord=text)), confirmed(rad(MARCRecord=text, bandtyp="Inbunden"))):
        found = told(document, wanted)
        assert [one.code for one in found if one.code != "E359"] == codes
        assert {one.severity for one in found} <= {Severity.HOLD}
        places = {(one.data.record, one.data.field) for one in found if one.data}
        assert places <= {(1, "MARCRecord")}


def test_what_the_line_orders_is_known_by_its_binding() -> None:
    sound = marcxml_of(record(OWN, kind="im"))
    assert told(confirmed(rad(MARCRecord=sound, bandtyp="MP3-CD"))) == []
    [one] = told(confirmed(rad(MARCRecord=sound, bandtyp="Inbunden")))
    assert one.message == "the line orders a printed book, and its catalogue record is of a recording"
    [one] = told(posted(item(MARCRecord=sound)))
    assert "the line does not say what it orders" in one.message


SAME, NUMBER, BOOK = record(OWN), record(OWN, number="99"), record(f"020 $a{OTHER}")
MORE = record(OWN, "500 $aEn till")


@pytest.mark.parametrize(
    ("other", "codes"), [(SAME, []), (NUMBER, ["E441"]), (BOOK, ["E441", "E422"]), (MORE, ["E374"])]
)
def test_two_records_in_one_line(other: MarcRecord, codes: list[str]) -> None:
    forms = [
        f"<c>{marcxml_of(SAME)}{marcxml_of(other)}</c>",
        iso2709(SAME) + iso2709(other),
        f"{iso2709(SAME)}\r\n{iso2709(other)}\n",
        [iso2709(SAME), marcxml_of(other)],
    ]
    for form in forms:
        assert [one.code for one in told(posted(item(MARCRecord=form)))] == codes, form


def test_the_second_of_two_may_be_broken() -> None:
    [one] = told(posted(item(MARCRecord=iso2709(SAME) + iso2709(SAME)[:-9])))
    assert (one.code, one.severity) == ("E374", Severity.WARNING)


def test_a_record_that_cannot_be_read_is_told_though_nobody_wants_it() -> None:
    [one] = told(posted(item(MARCRecord=iso2709(SAME)[:-9])), frozenset({"title"}))
    assert (one.code, one.severity) == ("E374", Severity.WARNING)


def test_the_work_grows_with_the_record_alone() -> None:
    def seconds(times: int) -> float:
        many = [OWN, *["020 $aBTJ 2405117"] * times, *["246 $aAnnat namn"] * times]
        one = as_bytes(posted(item(MARCRecord=marcxml_of(record(*many)), Title="Annat namn")))
        begun = time.process_time()
        for batch in AdlibrisConnector().read(bytes_source(one), AdlibrisConnector.Options(), None):
            assert batch.notes
        return time.process_time() - begun

    assert seconds(16_000) < 40 * max(seconds(2_000), 0.01)


@pytest.mark.skipif(not REAL.is_file(), reason="../shared/data is not here")
def test_the_real_order_came_with_the_record_of_the_mp3_cd() -> None:
    found = [one for one in told(json.loads(REAL.read_bytes())) if one.code == "E422"]
    assert [one.data.record for one in found if one.data] == [1, 1]
    assert '"9789137153421"' in found[0].message
    assert '"9789137156927"' in found[0].message


# --------------------------------------------------------------------------------- spellings of a title

WORDS = st.text("abcdefghiåäö ", min_size=1, max_size=30).filter(str.strip)


@given(WORDS, WORDS, st.sampled_from([str.upper, str.title, str.strip]))
def test_a_title_is_itself_however_it_is_spelt_and_shortened(one: str, more: str, spelt: object) -> None:
    assert callable(spelt)
    assert may_be_one(one, spelt(one))
    if any(len(word) >= 4 for word in one.split()):
        assert may_be_one(one, f"{more} / {spelt(one)}")


@given(WORDS, st.text("klmnpqrst ", min_size=1, max_size=30).filter(str.strip))
def test_titles_without_a_common_letter_are_two(one: str, other: str) -> None:
    assert not may_be_one(one, other)
    assert not may_be_one(other, one)
