"""The type of a template and the field it fills: refused beforehand is exactly what the target takes of no record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from etl.documents import leaves, money
from etl.lookups import Row
from etl.plan.typed_fields import unfit
from etl.plugin import Kind, Shape
from etl.registry import Registry
from etl.template.types import DATE, DECIMAL, INTEGER, TEXT, YES_NO, Type, group_of, list_of

READERS: Mapping[Kind, Any] = {
    "text": leaves.Text,
    "code": leaves.Code,
    "choice": leaves.BaseStatus,
    "date": leaves.Day,
    "boolean": leaves.Flag,
    "integer": leaves.Quantity,
    "decimal": money.Sum,
}
VALUES: tuple[tuple[Type, tuple[Any, ...]], ...] = (
    (TEXT, ("ACTIVE", "2024-03-11", "true", "3", "2.50", "J")),
    (INTEGER, (1, 3, 10**8)),
    (DECIMAL, (Decimal(3), Decimal("2.50"), Decimal(0))),
    (YES_NO, (True, False)),
    (DATE, (date(2024, 3, 11),)),
    (list_of(TEXT), (["a"], ["3", "4"])),
    (group_of({"library": TEXT}), ({"library": "B"}, Row({"library": 0}, ("B",), None))),
    (group_of({"value": TEXT}), ({"value": "ACTIVE"},)),
)
ROW = group_of({"value": TEXT}, noun="a lookup row")
ALONE = frozenset((("choice", "integer"),))
"""Taken as text, and no choice that there is: a matter for records."""


@pytest.mark.parametrize("found", [one for one, _ in VALUES], ids=str)
@pytest.mark.parametrize("kind", READERS)
def test_what_is_refused_is_what_the_target_never_takes(kind: Kind, found: Type) -> None:
    values = next(values for one, values in VALUES if one == found)
    taken = [value for value in values if not _refusal(READERS[kind], value)]
    misfit = unfit(found, Shape("field", kind))
    if (kind, found.kind) not in ALONE:
        assert (misfit is None) == bool(taken), (taken, misfit)
    if misfit is not None:
        assert misfit.help
        assert not taken


@pytest.mark.parametrize("kind", [*READERS, "object", "list"])
def test_a_row_of_a_table_is_no_group_of_fields(kind: Kind) -> None:
    misfit = unfit(ROW, Shape("field", kind))
    assert misfit is not None
    assert misfit.help == (
        "begin its members with -" if kind == "list" else "take one of its members:  .value"
    )


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize(
    "value",
    [Row({"library": 0}, ("B",), None), ["a"], {"a": "b"}, Decimal(4), True, date(2024, 3, 11)],
    ids=repr,
)
def test_no_message_shows_what_only_python_writes(kind: Kind, value: Any) -> None:
    said = _refusal(READERS[kind], value)
    assert not any(word in said for word in ("Row", "{'", "['", "datetime", "True is", "Decimal"))
    if kind == "integer" and isinstance(value, Decimal):
        assert said == '"4" is a decimal number, not a whole one'


def _refusal(annotation: Any, value: Any) -> str:
    try:
        TypeAdapter(annotation).validate_python(value)
    except ValidationError as error:
        return error.errors()[0]["msg"]
    return ""


def _fields(shape: Shape) -> Iterator[Shape]:
    for one in shape.members.values():
        yield one
        yield from _fields(one)
    if shape.item is not None:
        yield from _fields(shape.item)


@pytest.mark.parametrize("target", ["po_line", "purchase_request"])
def test_every_field_refuses_what_has_no_text(target: str) -> None:
    """Also deep within a group that fills an object, or within the members of a list."""
    shape = Registry.installed().get("targets", target)().shape
    fields = list(_fields(shape))
    assert len(fields) > 20
    for one in fields:
        wrong = list_of(TEXT) if one.kind != "list" else group_of({"a": TEXT})
        misfit = unfit(wrong, one)
        assert misfit is not None
        assert misfit.code == "E246"
        whole = Shape("whole", "object", members={one.name: one})
        within = list_of(group_of({one.name: wrong}))
        assert unfit(within, Shape("many", "list", item=whole)) == misfit


@pytest.mark.parametrize(
    ("columns", "field", "told"),
    [(("k", "value"), "text", ".value"), (("value", "owner"), "owner", ".owner"), (("k",), "text", ".k")],
)
def test_a_row_is_asked_for_a_value_and_never_for_its_key(
    columns: tuple[str, ...], field: str, told: str
) -> None:
    """Else the vendor's own code is sent, as it was before it was looked up."""
    row = replace(group_of(dict.fromkeys(columns, TEXT), noun="a lookup row"), keys=frozenset(("k",)))
    found = unfit(row, Shape(field, "text"))
    assert found is not None
    assert found.help.endswith(told)


@pytest.mark.parametrize(
    "value", [Decimal(100) / 3 * Decimal("1E-30"), Decimal("1.06").scaleb(-40), Decimal(10**15)]
)
def test_a_number_that_is_no_amount_is_never_told_to_be_converted(value: Decimal) -> None:
    """The help is of use: rounded, it is an amount; of one that is too high, the column is asked for."""
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(money.Sum).validate_python(value)
    said = str(refused.value.errors()[0])
    assert "amount('" not in said
    assert ("round_amount" in said) == (value < 10**14)
