"""Rows → what their order line is known by besides its key: by the mapping's `identity`, else by the columns
that the connector says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from etl.plan.plan import Expression, Plan, When
from etl.plugin import Identity
from etl.problems import Problem
from etl.run.evaluate import Evaluation
from etl.run.outcomes import SourceRow
from etl.template.bounds import canonical
from etl.template.plain_words import kind_in_words

_UNSAID = Identity()
_PLURAL = {"title": "titles", "barcode": "barcodes"}


def identity_for(plan: Plan, evaluation: Evaluation, rows: Sequence[SourceRow]) -> Identity:
    """What fails joins the problems of the evaluation, as what fails in the key does."""
    if not plan.identity and not plan.connector.identity:
        return _UNSAID
    said = {name: tuple(_texts_in(rows, columns)) for name, columns in plan.connector.identity.items()}
    another = False
    for name, part in plan.identity.items():
        if isinstance(part, When):
            another = bool(evaluation.truth(part.condition))
        if not isinstance(part, Expression):
            continue
        value = evaluation.value(part, ("identity", name))
        try:
            said[_PLURAL.get(name, name)] = tuple(_texts(value))
        except TypeError:
            words = f'identity "{name}" is {kind_in_words(value)}, not a text'
            evaluation.trouble(Problem("E478", words, mapping=part.place), part.template.sources)
    return Identity(
        " ".join(said.get("vendor", ())),
        " ".join(said.get("order", ())),
        "-".join(said.get("line", ())),
        said.get("titles", ()),
        said.get("barcodes", ()),
        another,
    )


def _texts_in(rows: Sequence[SourceRow], columns: Sequence[str]) -> Iterator[str]:
    """Every text in these columns, each once for each that they have; of a group, those of all its rows."""
    found: dict[str, None] = {}
    for column in columns:
        name, _, member = column.partition(".")
        for row in rows:
            value = row.values.get(name)
            if member:
                value = [one.get(member) for one in value or () if isinstance(one, Mapping)]
            found |= dict.fromkeys(_texts(value))
    return iter(found)


def _texts(value: Any) -> Iterator[str]:
    if value is None or value == "":
        return
    if isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, str | int | Decimal | date) and not isinstance(value, bool):
        yield canonical(value)
    else:
        raise TypeError
