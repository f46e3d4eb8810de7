"""Names and what each needs → the order in which they can be given, or the circle they go in."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from etl.plan.plan import ValuePlan, templates_of


def needs(plan: ValuePlan, names: Container[str]) -> list[str]:
    """Which of the names the plan's templates read, each once, the first that is read first."""
    read = (name for template in templates_of(plan) for name in template.names.all)
    return list(dict.fromkeys(name for name in read if name in names))


def by_need(plans: Mapping[str, ValuePlan]) -> list[str]:
    """The names, each after those its plan reads. Raises graphlib.CycleError."""
    return list(TopologicalSorter({name: needs(plan, plans) for name, plan in plans.items()}).static_order())


def circle(error: CycleError, written: Iterable[str]) -> list[str]:
    """The names that need one another, the one that is written first at both ends."""
    names = error.args[1][:0:-1]  # it goes from what is needed to what needs it, and ends where it began
    first = names.index(next(name for name in written if name in names))
    return [*names[first:], *names[: first + 1]]


def reached(first: Iterable[str], plans: Mapping[str, ValuePlan]) -> set[str]:
    """These names and all they need, directly or by others."""
    waiting, found = list(first), set[str]()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += needs(plans[name], plans)
    return found
