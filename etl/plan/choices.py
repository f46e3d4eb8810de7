"""Values that stand for one another, choices or members of a list → a problem for each of another type."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from etl.plan.plan import Constant, Loop, Members, Named, ValuePlan, When
from etl.problems import Problem
from etl.template.types import NUMBERS, Type

_NO_TEXT = re.compile(r"-?[0-9]+(\.[0-9]+)?|true|false")
Found = Sequence[tuple[ValuePlan, Type]]
"""Plans with their types."""


def of_several_types(found: Found, what: str) -> Iterator[Problem]:
    """Each that is of another type than those before it (E248); in groups, each member of them."""
    known = [one for one in found if one[1].kind not in ("unknown", "nothing")]
    if not known:
        return
    _, first = next((one for one in known if not isinstance(one[0], Constant)), known[0])
    for plan, other in known:
        if _family(other) != _family(first):
            said = f"{what} are of several types: {first}, and here {other}"
            yield Problem("E248", said, mapping=plan.place, help=_help(plan))
    groups = [(body.members, one) for plan, one in known if isinstance(body := _body(plan), Members)]
    for name in dict.fromkeys(name for members, _ in groups for name in members):
        inner = [(members[name], (one.members or {})[name]) for members, one in groups if name in members]
        yield from of_several_types(inner, f'the values of "{name}"')


def _family(found: Type) -> str:
    return "number" if found.kind in NUMBERS else found.kind


def _help(plan: ValuePlan) -> str:
    if isinstance(plan, Constant):
        if _NO_TEXT.fullmatch(plan.value or ""):
            return f'a constant in let is text: write  "{{{{ {plan.value} }}}}"'
        return "a constant in let is text: give it a name of its own"
    return "make them alike:  | integer ,  | amount('sv') ,  | date  or  | string"


def _body(plan: ValuePlan) -> ValuePlan:
    while isinstance(plan, Loop | When | Named):
        plan = plan.body
    return plan
