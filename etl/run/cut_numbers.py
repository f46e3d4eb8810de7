"""Numbers that a mapping cut out of a cell → what the rest of the cell says of them, and nothing asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from etl.plan.order import needs, reached
from etl.plan.plan import Plan, templates_of
from etl.problems import Problem, Severity
from etl.records import as_shown
from etl.run.outcomes import SourceRow
from etl.run.unread import is_ignored
from etl.template.compile import Template
from etl.template.named_currencies import Owner, PlainNumber
from etl.values.counting_words import SEVERAL, words_beside
from etl.values.quoting import quoted

_COUNTED = ("quantity",)
"""Members of a document that count copies; what nothing read as a number may be sent there too."""


class CellsBehind:
    """The cells that a number may have been cut out of. What is read where is found out once."""

    def __init__(self, plan: Plan) -> None:
        self._fields = plan.fields.members
        self._lets = dict(plan.let)
        self._read: dict[Owner, set[str]] = {}

    def of(self, one: PlainNumber, rows: Sequence[SourceRow]) -> Iterator[tuple[SourceRow, str, str]]:
        """Row, column and text of each that was there to be read and says more than the number."""
        columns = self._columns(one.owner)
        for row in rows:
            for name in row.values if "row" in columns or "rows" in columns else columns & row.values.keys():
                yield from ((row, name, cell) for cell in _texts(row.values[name]) if cell != one.text)

    def _columns(self, owner: Owner) -> set[str]:
        """All names that what is given there reads, by whatever way."""
        if owner not in self._read:
            plan = self._lets[str(owner[1])] if owner[:1] == ("let",) else self._fields[str(owner[0])]
            lets = reached(needs(plan, self._lets), self._lets)
            read = [one for part in (plan, *map(self._lets.get, lets)) if part for one in templates_of(part)]
            self._read[owner] = {name for template in read for name in template.names.all}
        return self._read[owner]


class CutNumbers:
    """Words that say what a number counts or which price it is, and were cut off before it was read."""

    def __init__(self, plan: Plan, cells: CellsBehind) -> None:
        self._spec, self._cells = plan.spec, cells
        said = [one.own_texts() for one in _templates(plan)]
        self._written = "\n".join(text for texts in said for text in texts.written).casefold()
        self._compared = "\n".join(text for texts in said for text in texts.compared).casefold()

    def problems(self, plain: Sequence[PlainNumber], rows: Sequence[SourceRow]) -> Iterator[Problem]:
        """E427, once a cell. A word that the mapping itself writes is one that its author knows of; a word
        that is a number (dozen) has to be compared with: whoever only cuts it off sends another number.
        """
        told = set[tuple[int, str]]()
        for one in plain:
            for row, column, cell in self._cells.of(one, rows):
                if (row.record, column) in told or is_ignored(column, self._spec):
                    continue
                words = [word for word in words_beside(one.text, cell) if not self._knows(word)]
                if words:
                    told.add((row.record, column))
                    yield _unasked(one, cell, words).at(data=row.place(column))

    def _knows(self, word: str) -> bool:
        return word in (self._compared if word in SEVERAL else self._written)


def _templates(plan: Plan) -> Iterator[Template]:
    """Every template by which a record becomes a document."""
    for one in (*dict(plan.let).values(), plan.fields, plan.when):
        yield from templates_of(one) if one is not None else ()
    yield from (check.condition for check in plan.checks)


def counted(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Field and text of each number of copies that is sent as it was cut out, read by nothing."""
    for field, value in values.items():
        yield from ((field, text) for text in _quantities(value, field))


def _quantities(value: Any, name: str) -> Iterator[str]:
    if isinstance(value, str) and name in _COUNTED:
        yield value
    elif isinstance(value, list | tuple):
        for member in value:
            yield from _quantities(member, name)
    elif isinstance(value, Mapping):
        for key, member in value.items():
            yield from _quantities(member, key)


def _texts(value: Any) -> Iterator[str]:
    """The texts of a cell as they are shown, of a list or group too."""
    if isinstance(value, str):
        yield str(as_shown(value))
    elif isinstance(value, list | tuple | Mapping):
        for member in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(member)


def _unasked(one: PlainNumber, cell: str, words: Sequence[str]) -> Problem:
    which = ", ".join(quoted(word) for word in words)
    told = f"{quoted(cell)} says {which} beside the number, which is read as {one.text}"
    help_ = f"ask what it means; where the number is that of one copy, cut off {which} and no other word"
    if SEVERAL.intersection(words):
        help_ = f"ask what it means, and multiply in the mapping where the cell says it:  '{words[0]}' in …"
    return Problem("E427", told, Severity.HOLD, mapping=one.place, help=help_)
