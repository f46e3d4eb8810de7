"""A plan tree and a record's names → plain values, or every failure with its place.

Nothing is compiled or parsed here. A field that fails does not stop the others: the author sees all
that is wrong with a record at once. What depends on a failed `let` is passed over, not blamed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from etl.plan.plan import Constant, Expression, FieldPlan, Items, Loop, Members, Value, When
from etl.problems import MappingPlace, Problem
from etl.template.compile import Template
from etl.template.environment import Failure, Sandbox, Step

Path = tuple[str | int, ...]
_LOOKS_FALSE = frozenset(("0", "false", "no", "nej", "n", "f", "off"))


@dataclass(slots=True)
class Traced:
    """How one field came by its value, for `etl preview`."""

    plan: FieldPlan
    value: Any
    steps: list[Step]


class Evaluation:
    """One record (or group) being mapped, with a work budget of its own.

    When that is spent, the record's problem is said once and nothing more of it is evaluated.
    """

    def __init__(self, env: Sandbox, names: dict[str, Any], trace: dict[Path, Traced] | None = None) -> None:
        self.env = env
        env.budget.refill()
        self.context = env.context(names)
        self.names = names
        self.problems: list[tuple[Problem, Template | None]] = []
        self.failed: set[str] = set()
        self.plans: dict[Path, FieldPlan] = {}
        self.trace = trace

    def let(self, name: str, value: Value) -> None:
        """Add a name; a failing one is remembered so that its dependants are not blamed."""
        before = len(self.problems)
        result = self.value(value, ("let", name))
        if len(self.problems) > before or self.is_moot(value):
            self.failed.add(name)
        else:
            self.names[name] = result

    def value(self, plan: Value, path: Path) -> Any:
        """The value of a constant or template; None after a failure."""
        if isinstance(plan, Constant):
            self._remember(path, plan, plan.value, None)
            return plan.value
        if self.is_moot(plan):
            return None
        start = len(self.env.recorder.steps or ())
        result = self._evaluate(plan.template)
        self._remember(path, plan, result, start)
        return result

    def is_moot(self, plan: Value) -> bool:
        """Is it passed over, because of what failed or because the record's work is at its end?"""
        return isinstance(plan, Expression) and self._passed_over(plan.template)

    def truth(self, template: Template, what: str) -> bool | None:
        """A decision; None after a failure. Text that merely looks false is refused, not believed."""
        if self._passed_over(template):
            return None
        result = self._evaluate(template, none_is_failure=True)
        if result is _FAILED:
            return None
        if isinstance(result, str) and result.strip().casefold() in _LOOKS_FALSE:
            problem = Problem(
                "E477",
                f'{what} gave the text "{result}", which counts as true',
                mapping=template.place(),
                help="compare it:  x == 'J'  or convert it:  x | yes_no",
            )
            self.problems.append((problem, template))
            return None
        return bool(result)

    def fields(self, plan: FieldPlan, path: Path) -> Any:
        """Plain values for the target, in the mapping's order."""
        self.plans[path] = plan
        if isinstance(plan, Constant | Expression):
            return self.value(plan, path)
        if isinstance(plan, Members):
            return {name: self.fields(child, (*path, name)) for name, child in plan.members.items()}
        if isinstance(plan, Items):
            members: list[Any] = []
            for child in plan.items:
                members.extend(self._items(child, path, len(members)))
            return members
        if isinstance(plan, When):
            return self.fields(plan.body, path) if self.truth(plan.condition, "$if") else None
        raise TypeError(f"a loop outside a list: {plan}")

    # ------------------------------------------------------------------------------------ inside

    def _items(self, plan: FieldPlan, path: Path, start: int) -> Iterator[Any]:
        """The members one list entry gives: one, none ($if) or many ($for). Empty ones are left out."""
        if isinstance(plan, When):
            if self.truth(plan.condition, "$if"):
                yield from self._items(plan.body, path, start)
            return
        if not isinstance(plan, Loop):
            member = self.fields(plan, (*path, start))
            if not _empty(member):
                yield member
            return
        outer_names, outer_context = self.names, self.context
        members = self._members(plan)
        for position, member in enumerate(members):
            loop = {
                "index": position + 1,
                "index0": position,
                "first": position == 0,
                "last": position == len(members) - 1,
            }
            self.names = {**outer_names, plan.name: member, "loop": loop}
            self.context = self.env.context(self.names)
            for value in self._items(plan.body, path, start):
                yield value
                start += 1
        self.names, self.context = outer_names, outer_context

    def _members(self, plan: Loop) -> list[Any]:
        if self._passed_over(plan.over):
            return []
        result = self._evaluate(plan.over, plan.size)
        if isinstance(result, list | tuple):
            return list(result)
        if result is not None:
            kind = "a text" if isinstance(result, str) else type(result).__name__
            problem = Problem("E483", f"$for runs over a list, not over {kind}", mapping=plan.over.place())
            self.problems.append((problem, plan.over))
        return []

    def _evaluate(self, template: Template, turn: int = 0, none_is_failure: bool = False) -> Any:
        """`turn` is what each member of the result will cost, if it is to be gone through."""
        try:
            return template.evaluate(self.context, turn)
        except Failure as failure:
            self.problems.append((failure.problem, template))
            return _FAILED if none_is_failure else None

    def _passed_over(self, template: Template) -> bool:
        return self.env.budget.is_spent or bool(template.names.needed.keys() & self.failed)

    def _remember(self, path: Path, plan: Value, value: Any, start: int | None) -> None:
        if self.trace is not None:
            steps = self.env.recorder.steps
            own = list(steps[start:]) if steps is not None and start is not None else []
            self.trace[path] = Traced(plan, value, own)


_FAILED = object()


def _empty(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_empty(child) for child in value.values())
    return value is None or value == "" or value == []


def as_key(value: Any, name: str, place: MappingPlace) -> str:
    """One part of a key as text. Raises Failure when there is nothing to identify the order line by."""
    if value is None or value == "":
        raise Failure(
            Problem(
                "E478",
                f'key part "{name}" is empty',
                mapping=place,
                help="the key must identify the order line; choose columns that are always filled",
            )
        )
    if isinstance(value, list | tuple | dict | bool | float):
        raise Failure(
            Problem("E478", f'key part "{name}" is a {type(value).__name__}, not a text', mapping=place)
        )
    return str(value)
