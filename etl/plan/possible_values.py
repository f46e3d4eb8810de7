"""A field of a plan → every text that it can get, where a table or the mapping itself says which."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from etl.plan.plan import Constant, Expression, Plan, everything_in
from etl.spec.load import plain


def possible_values(plan: Plan, field: str) -> frozenset[str] | None:
    """Constants, parameters, and cells of the columns of tables that are asked for: all that the field can
    get, and more. None where a column of the vendor's file is handed on, for then it can be any text; and
    where nothing fills it.
    """
    if field not in plan.fields.members:
        return None
    lets, asked = dict(plan.let), [plan.fields.members[field]]
    texts, members, seen = set[str](), set[str](), {"parameters"}
    while asked:
        for one in everything_in(asked.pop()):
            if isinstance(one, Constant):
                texts.add(one.value or "")
            if not isinstance(one, Expression):
                continue
            said = one.template.passed_on()
            texts |= said.texts
            members |= said.members
            names = said.names - seen
            if not names <= lets.keys():
                return None
            seen |= names
            asked += (lets[name] for name in names)
    texts.update(plan.parameters.values(), _texts(plain(plan.spec.tree).get("lookups")))
    for table in plan.tables.values():
        texts |= table.texts(members)
    return frozenset(texts)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for one in value.values() for text in _texts(one))
    elif isinstance(value, list):
        yield from (text for one in value for text in _texts(one))
