"""Amounts of a document → findings that hold it: money that nobody may have meant."""

from __future__ import annotations

from collections.abc import Iterator

from etl.documents.code_tables import minor_units
from etl.documents.money import Amount, sum_text
from etl.documents.outline import outline
from etl.documents.parts import Part
from etl.plugin import Finding

Path = tuple[str | int, ...]


def decimals(document: Part) -> Iterator[Finding]:
    """No amount has more decimals than its currency: somebody would round it, nobody knows how."""
    for path, amount in _amounts(document, ()):
        places, text = minor_units(amount.currency), sum_text(amount.sum, amount.currency)
        if len(text.partition(".")[2]) > places:
            allowed = {0: "no decimals", 1: "one decimal"}.get(places, f"{places} decimals")
            said = f"{text} {amount.currency} is no sum of money: {amount.currency} has {allowed}"
            help_ = f"round it where it is calculated:  | round_amount{'' if places == 2 else f'({places})'}"
            yield Finding("held", "E468", said, (*path, "sum"), help=help_)


def nothing_to_pay(field: str, amount: Amount | None, meant: str) -> Iterator[Finding]:
    """A sum of 0 is more often a price that was not there. `meant`: how a mapping says that it is one."""
    if amount is not None and amount.sum == 0:
        said = f"the {field.replace('_', ' ')} is 0, and nothing says that nothing is to be paid"
        yield Finding("held", "E467", said, (field, "sum"), help=f"if it is meant, {meant}")


def _amounts(document: Part, path: Path) -> Iterator[tuple[Path, Amount]]:
    """Every amount in a document, with its place."""
    for node in outline(type(document)):
        value, at = getattr(document, node.attribute), (*path, node.name)
        for place, one in enumerate(value) if isinstance(value, tuple) else [(None, value)]:
            here = at if place is None else (*at, place)
            if isinstance(one, Amount):
                yield here, one
            elif isinstance(one, Part):
                yield from _amounts(one, here)
