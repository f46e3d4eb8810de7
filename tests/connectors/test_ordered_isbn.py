"""A record with several ISBNs: the one that is ordered is taken, and where nobody can tell, the order waits."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import pytest

from connectors.btj import BtjConnector
from connectors.formats.marc_record import Field, MarcRecord
from connectors.formats.marcxml_text import marcxml_of
from connectors.gobi import GobiConnector
from connectors.libris import LibrisConnector
from connectors.oasis import OasisConnector
from connectors.order_marc.isbn_choice import choose_isbn, isbns_of
from etl.plugin import Connector, Severity
from etl.testing.sources import bytes_source

BOOK, OTHER, THIRD = "9789199998015", "9780306406157", "9789199997018"
Number = tuple[str, str]


class Told(NamedTuple):
    isbn: str | None
    holds: list[str]
    unread: dict[str, str]
    row: dict[str, Any]


def twenty(numbers: Sequence[Number], in_q: bool) -> list[Field]:
    """A field 020 for each (number, qualifier), which stands in $q or in parentheses."""
    return [
        Field("020", "", "  ", (("a", number), ("q", word)) if in_q and word else (("a", f"{number} ({word})" if word else number),))
        for number, word in numbers
    ]  # fmt: skip


def record(fields: Sequence[Field], physical: str = "") -> MarcRecord:
    form = [Field("007", physical)] * bool(physical)
    title = Field("245", "", "10", (("a", "Sju nätter"),))
    order = [
        Field("852", "", "  ", (("b", "Exb"), ("c", "Barn"))),
        Field("960", "", "  ", (("o", "1"), ("s", "9.00"), ("t", "MAIN"), ("u", "F"))),
        Field("975", "", "  ", (("a", "HUV"), ("q", "1"), ("h", "F"), ("p", "9,00"))),
    ]
    return MarcRecord("00000nam a2200000 a 4500", [Field("001", "1"), *form, *fields, title, *order])


def collection(one: MarcRecord) -> bytes:
    return f"<collection>\n{marcxml_of(one)}\n</collection>".encode()


def gobi_order(one: MarcRecord, kind: str = "ListedMonograph") -> bytes:
    return (
        "<PurchaseOrder><CustomerDetail><SubAccount>891010</SubAccount></CustomerDetail><Order>"
        f"<{kind}><collection>{marcxml_of(one)}</collection><OrderDetail><Quantity>1</Quantity>"
        f"<YBPOrderKey>1</YBPOrderKey></OrderDetail></{kind}></Order></PurchaseOrder>"
    ).encode()


def told(connector: Connector, data: bytes, name: str = "o.xml") -> Told:
    options = connector.Options.model_validate({})
    batches = list(connector.read(bytes_source(data, name), options, None))
    (row,) = [row for batch in batches for row in batch.frame.to_dicts()]
    notes = [note for batch in batches for note in batch.notes if note.severity is Severity.HOLD]
    holds = [one.code for one in notes if one.data is None or one.data.field != "LDR"]  # test_kind_of_record.py
    unread = {name: one.example for batch in batches for name, one in batch.unread.items()}
    return Told(row["isbn"], holds, unread, row)


FILE = "adlibris_Exb_20240311142205_SE-LIBR8452921.xml"
READERS: dict[str, Callable[[MarcRecord], Told]] = {
    "libris": lambda one: told(LibrisConnector(), collection(one), FILE),
    "oasis": lambda one: told(OasisConnector(), collection(one)),
    "btj": lambda one: told(BtjConnector(), collection(one)),
    "gobi": lambda one: told(GobiConnector(), gobi_order(one)),
}
QUALIFIERS = {"print": ("inbunden", "pbk.", "hardback"), "online": ("e-bok", "ebk", "electronic bk.", "ePDF")}
PHYSICAL = {"print": "ta", "online": "cr |||"}


@pytest.fixture(params=sorted(READERS))
def read(request: pytest.FixtureRequest) -> Callable[[MarcRecord], Told]:
    return READERS[request.param]


@pytest.mark.parametrize("in_q", [True, False], ids=["q", "parentheses"])
@pytest.mark.parametrize("ordered", sorted(PHYSICAL))
@pytest.mark.parametrize("first", [True, False], ids=["first", "last"])
def test_an_isbn_of_another_carrier_is_not_taken_and_is_told_of(
    read: Callable[[MarcRecord], Told], ordered: str, first: bool, in_q: bool
) -> None:
    (another,) = PHYSICAL.keys() - {ordered}
    for mine, theirs in itertools.product((*QUALIFIERS[ordered], ""), QUALIFIERS[another]):
        numbers = [(OTHER, theirs), (BOOK, mine)]
        fields = twenty(numbers if first else numbers[::-1], in_q)
        found = read(record(fields, PHYSICAL[ordered]))
        assert (found.isbn or "").startswith(BOOK), (mine, theirs)
        assert found.holds == []
        assert OTHER in found.unread["020$a"]


@pytest.mark.parametrize("in_q", [True, False], ids=["q", "parentheses"])
@pytest.mark.parametrize(
    ("physical", "numbers"),
    [
        ("", [(OTHER, ""), (BOOK, "")]),
        ("", [(OTHER, "e-bok"), (BOOK, "inbunden")]),
        ("", [(BOOK, "inbunden"), (OTHER, "e-bok")]),
        ("", [(OTHER, ""), (BOOK, "pbk.")]),
        ("ta", [(OTHER, "hardback"), (BOOK, "pbk.")]),
        ("ta", [(OTHER, "v. 1"), (BOOK, "v. 2")]),
        ("cr |||", [(OTHER, "ePub"), (BOOK, "ePDF")]),
        ("cr |||", [(OTHER, "hardback"), (BOOK, "pbk.")]),
        ("ta", [(OTHER, ""), (BOOK, ""), (THIRD, "e-bok")]),
    ],
)
def test_what_nobody_can_tell_holds(
    read: Callable[[MarcRecord], Told], physical: str, numbers: list[Number], in_q: bool
) -> None:
    assert read(record(twenty(numbers, in_q), physical)).holds == ["E327"]


def test_one_book_in_two_spellings_is_one(read: Callable[[MarcRecord], Told]) -> None:
    found = read(record(twenty([(BOOK, "inbunden"), ("91-999980-1-0", "")], True)))
    assert (found.holds, "020$a" in found.unread) == ([], False)


@pytest.mark.parametrize(("physical", "word"), [("ta", "e-bok"), ("cr |||", "inbunden")])
def test_the_only_isbn_is_of_another_carrier(
    read: Callable[[MarcRecord], Told], physical: str, word: str
) -> None:
    assert read(record(twenty([(BOOK, word)], True), physical)).holds == ["E422"]


def test_a_second_number_in_one_field_is_a_second_number(read: Callable[[MarcRecord], Told]) -> None:
    two = Field("020", "", "  ", (("a", BOOK), ("a", OTHER)))
    assert read(record([two])).holds == ["E327"]


def test_gobi_orders_what_the_kind_of_order_says() -> None:
    numbers = twenty([(OTHER, "hardback"), (BOOK, "ebk")], True)
    for kind, isbn in (("ListedPrintMonograph", OTHER), ("ListedElectronicMonograph", BOOK)):
        found = told(GobiConnector(), gobi_order(record(numbers), kind))
        assert (found.isbn, found.holds) == (isbn, [])


def test_libris_takes_the_form_of_the_isbn_that_it_takes() -> None:
    read = READERS["libris"]
    numbers = [(OTHER, "e-bok"), (BOOK, "inbunden")]
    assert read(record(twenty(numbers, True), "ta")).row["form"] == "inbunden"
    assert read(record(twenty([(BOOK, "e-bok")], False))).row["form"] == "e-bok"
    assert read(record(twenty([(BOOK, "inb.")], False))).row["form"] is None, "a binding that no table knows"
    alone = Field("020", "", "  ", (("z", BOOK), ("q", "häftad")))
    assert read(record([alone])).row["form"] == "häftad"


def test_a_path_takes_the_first_on_purpose() -> None:
    options = OasisConnector.Options.model_validate({"columns": {"isbn": "020$a[0]"}})
    data = collection(record(twenty([(OTHER, ""), (BOOK, "")], True)))
    batches = list(OasisConnector().read(bytes_source(data), options, None))
    assert [note.code for batch in batches for note in batch.notes if note.severity is Severity.HOLD] == []


def test_the_choice_does_not_rest_on_the_order_of_the_fields() -> None:
    numbers = [(OTHER, "ebk"), (BOOK, "pbk."), (THIRD, "MP3-CD")]
    for order in itertools.permutations(numbers):
        choice = choose_isbn(isbns_of(twenty(order, True)), {"print"})
        assert choice.isbn is not None
        assert (choice.isbn.number, choice.doubt) == (BOOK, None)
        assert {one.number for one in choice.others} == {OTHER, THIRD}
