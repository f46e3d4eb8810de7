"""An element that stands twice, whoever reads the first: a column, the mapping through raw, or nobody."""

from __future__ import annotations

import pytest
from btj_files import DESCRIPTION, ISBN, item, notice, price

from connectors.btj import BtjConnector
from connectors.layouts import load_layouts
from connectors.layouts.leftovers import unread_of
from etl.plugin import Severity
from etl.testing.sources import bytes_source

LAYOUT = load_layouts("btj")["btj_editx"]
REFERENCES = (
    "VendorsOrderReference", "BuyersOrderReference", "BuyersOrderLineReference", "BuyersFundReference", "Anything",
)  # fmt: skip


def reference(kind: str, number: str) -> str:
    return (
        f"<ReferenceCoded><ReferenceTypeCode>{kind}</ReferenceTypeCode>"
        f"<ReferenceNumber>{number}</ReferenceNumber></ReferenceCoded>"
    )


def told(*parts: str) -> tuple[list[str], dict[str, str]]:
    """(codes of what holds, what goes unread)."""
    data = notice(item(ISBN, DESCRIPTION, price("UnitCostExcludingTax", "189.00"), *parts))
    connector = BtjConnector()
    options = connector.Options.model_validate({"placements": "locations"})
    batches = list(connector.read(bytes_source(data), options, None))
    holds = [note.code for batch in batches for note in batch.notes if note.severity is Severity.HOLD]
    return holds, {name: one.example for batch in batches for name, one in batch.unread.items()}


@pytest.mark.parametrize("kind", REFERENCES)
def test_a_second_number_of_one_kind_holds(kind: str) -> None:
    assert told(reference(kind, "77"), reference(kind, "99"))[0] == ["E440"]
    assert told(reference(kind, "77"), reference(kind, "77"))[0] == []
    assert told(reference(kind, "77"))[0] == []


def test_a_second_number_of_a_book_holds() -> None:
    second = ISBN.replace("9789199999012", "9780306406157").replace("978-91-999990-1-2", "9780306406157")
    assert "E440" in told(second)[0]


@pytest.mark.parametrize("name", ["Colour", "SupplierNote"])
def test_a_second_one_has_a_name_of_its_own(name: str) -> None:
    """So it is told also where the mapping reads the first one as raw['Colour']."""
    one, other = f"<{name}>red</{name}>", f"<{name}>blue</{name}>"
    assert told(one, other)[1].items() >= {name: "red", f"{name}[2]": "blue"}.items()
    assert told(one, one)[1][name] == "red"
    assert f"{name}[2]" not in told(one, one)[1]


@pytest.mark.parametrize(
    ("fields", "taken", "left"),
    [
        ({"A/B": "1", "A[2]/B": "2"}, (), {"A/B": "1", "A[2]/B": "2"}),
        ({"A/B": "1", "A[2]/B": "2"}, ("A/B",), {"A[2]/B": "2"}),
        ({"A/B": "1", "A[2]/B": "1"}, ("A/B",), {}),
        ({"A/B": "1", "A[2]/B": "1"}, (), {"A/B": "1"}),
        ({"C[1]/V": "1", "C[2]/V": "2"}, (), {"C/V": "1"}),
        ({"C[1]/F/N": "1", "C[2]/F/N": "1", "C[2]/F[2]/N": "7"}, (), {"C/F/N": "1", "C/F[2]/N": "7"}),
        ({"C[1]/F/N": "1", "C[1]/F[2]/N": "7"}, ("C[1]/F/N",), {"C/F[2]/N": "7"}),
        ({"A": "1", "A[2]": "2", "A[3]": "2"}, ("A",), {"A[2]": "2", "A[3]": "2"}),
        ({"A": "", "A[2]": "2"}, (), {"A[2]": "2"}),
    ],
)
def test_names_of_what_is_left(fields: dict[str, str], taken: tuple[str, ...], left: dict[str, str]) -> None:
    assert unread_of(LAYOUT, fields, taken) == left
