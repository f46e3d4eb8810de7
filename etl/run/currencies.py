"""What cells name beside the numbers that were read out of them → what contradicts, and what was dropped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from etl.normal_form import normal_form
from etl.plan.order import needs, reached
from etl.plan.plan import Plan
from etl.problems import DataPlace, Problem, Severity
from etl.records import as_shown
from etl.run.cut_numbers import CellsBehind, CutNumbers, counted
from etl.run.outcomes import SourceRow
from etl.template.named_currencies import Currencies, NamedCurrency, Owner, PlainNumber
from etl.values.currency_marks import currencies_beside


class CurrencyWatch:
    """For one plan: which fields a `let` reaches is found out once."""

    def __init__(self, plan: Plan) -> None:
        self._fields = plan.fields.members
        self._lets = dict(plan.let)
        self._reached: dict[str, set[str]] = {}
        self._cells = CellsBehind(plan)
        self._numbers = CutNumbers(plan, self._cells)

    def problems(
        self, found: Currencies, values: Mapping[str, Any], rows: Sequence[SourceRow]
    ) -> Iterator[Problem]:
        """E419 (rejects): one that is named, is not the one sent, and was not asked for. E481 (holds): one
        that the mapping knows of, beside another. E427 (holds): units and bases that were cut off a number.
        """
        amounts = {field: list(_amounts(value)) for field, value in values.items()}
        for field, sums in amounts.items():  # what nothing read before it was sent
            place = self._fields[field].place
            found.plain += [PlainNumber(place, (field,), text) for text, _ in sums if isinstance(text, str)]
        copies = [PlainNumber(self._fields[field].place, (field,), text) for field, text in counted(values)]
        yield from self._numbers.problems([*found.plain, *copies], rows)
        named = [*found.named, *(cut for one in found.plain for cut in self._cut(one, rows))]
        if not named:
            return
        row = rows[0]
        sent = {field: {code for _, code in sums} for field, sums in amounts.items()}
        for one in named:
            beside = set().union(*(sent[field] for field in sent if self._feeds(one.owner, field)))
            if beside <= one.codes and (beside or _may_stay(one, set().union(*sent.values()))):
                continue
            if one.declared or one.text in found.read:
                if beside:
                    yield _differs(one, beside).at(data=_cell(one, row))
            else:
                yield _dropped(one, beside).at(data=_cell(one, row))

    def _feeds(self, owner: Owner, field: str) -> bool:
        """May what was given there be in this field, or decide of it?"""
        if owner[:1] != ("let",):
            return owner == (field,)
        if field not in self._reached:
            self._reached[field] = reached(needs(self._fields[field], self._lets), self._lets)
        return owner[1] in self._reached[field]

    def _cut(self, one: PlainNumber, rows: Sequence[SourceRow]) -> Iterator[NamedCurrency]:
        """What the cells name that it may have been cut out of: those that were there to be read."""
        for _, _, cell in self._cells.of(one, rows):
            if codes := currencies_beside(one.text, cell):
                yield NamedCurrency(one.place, one.owner, cell, codes, declared=False)


def _cell(one: NamedCurrency, row: SourceRow) -> DataPlace:
    """The record, and its column if just one holds the text."""
    columns = [name for name, value in row.values.items() if as_shown(value) == one.text]
    return row.place(columns[0] if len(columns) == 1 else None)


def _may_stay(one: NamedCurrency, sent: set[str]) -> bool:
    """With no amount beside it: a mark of several countries names none, a code does."""
    return one.declared or len(one.codes) > 1 or bool(one.codes & sent)


def _amounts(value: Any) -> Iterator[tuple[Any, str]]:
    """Sum and currency of all amounts in a field."""
    if isinstance(value, list | tuple):
        for member in value:
            yield from _amounts(member)
    elif isinstance(value, Mapping):
        if "sum" in value and "currency" in value:
            code = value["currency"]
            code = code.get("value") if isinstance(code, Mapping) else code
            if isinstance(code, str) and code:
                yield value["sum"], normal_form(code)
        for member in value.values():
            yield from _amounts(member)


def _differs(one: NamedCurrency, beside: set[str]) -> Problem:
    says = f"the mapping says that the amount is in {_any(one.codes)}" if one.declared else _names(one)
    told = f"{says}, and {_any(beside - one.codes)} is sent beside it"
    help_ = "one of the two is wrong: see which, and correct the order or the mapping"
    return Problem("E481", told, Severity.HOLD, mapping=one.place, help=help_)


_USUAL = ("SEK", "USD", "GBP", "JPY")
"""Which one is likely meant, where a sign is that of several."""


def _dropped(one: NamedCurrency, beside: set[str]) -> Problem:
    instead = f", and {_any(beside - one.codes)} is sent beside it" if beside else ", which is not sent"
    known = next(code for code in (*sorted(beside), *_USUAL, *sorted(one.codes)) if code in one.codes)
    meant = f"say which is meant:  amount('sv', currency='{known}')"
    help_ = "send what is named,  {{ … | currency }},  unless it is the wrong column" if beside else meant
    return Problem("E419", f"{_names(one)}{instead}", mapping=one.place, help=help_)


def _names(one: NamedCurrency) -> str:
    return f'"{one.text}" names {_any(one.codes)}'


def _any(codes: set[str] | frozenset[str]) -> str:
    return " or ".join(sorted(codes)) if len(codes) < 5 else "one of several currencies"
