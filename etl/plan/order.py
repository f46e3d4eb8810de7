"""Names and what each needs → the order in which they can be given, or the circle they go in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from etl.plan.plan import ValuePlan, templates_of


class Circle(Exception):  # noqa: N818 - it becomes a problem where the names stand
    """Names that need one another: `path` begins and ends with the same one."""

    def __init__(self, path: list[str]) -> None:
        super().__init__(" → ".join(path))
        self.path = path


def needs(plan: ValuePlan, names: Iterable[str]) -> list[str]:
    """Which of the names the plan's templates read, each once, the first that is read first."""
    known = set(names)
    read = (name for template in templates_of(plan) for name in template.names.all)
    return list(dict.fromkeys(name for name in read if name in known))


def by_need(plans: Mapping[str, ValuePlan]) -> list[str]:
    """The names, each after those its plan reads; else as they were written. Raises Circle."""
    reads = {name: needs(plan, plans) for name, plan in plans.items()}
    ordered: dict[str, None] = {}
    for name in plans:
        _give(name, reads, ordered, [])
    return list(ordered)


def reached(first: Iterable[str], plans: Mapping[str, ValuePlan]) -> set[str]:
    """These names and all they need, directly or by others."""
    waiting, found = list(first), set[str]()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += needs(plans[name], plans)
    return found


def _give(name: str, reads: Mapping[str, list[str]], ordered: dict[str, None], trail: list[str]) -> None:
    if name in ordered:
        return
    if name in trail:
        raise Circle([*trail[trail.index(name) :], name])
    for needed in reads[name]:
        _give(needed, reads, ordered, [*trail, name])
    ordered[name] = None
