"""A plan tree and a record's names → plain values, or every failure with its place.

Nothing is compiled or parsed here. A field that fails does not stop the others: the author sees all
that is wrong with a record at once. What depends on a failed `let` is passed over, not blamed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from etl.plan.plan import (
    Constant,
    Expression,
    First,
    Items,
    Loop,
    Members,
    Named,
    Value,
    ValuePlan,
    When,
)
from etl.plugin import BadValue
from etl.problems import Problem
from etl.template.compile import Template
from etl.template.emptiness import is_empty
from etl.template.environment import Failure, Sandbox, Step
from etl.template.logic import is_true
from etl.template.sources_read import SourcesRead
from etl.values.quoting import quoted

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class SitedProblem:
    """A problem of a record, and where its cell is to be looked for: what was read, the value that would not
    do, the number of the group's row, where a loop had come to one, and what the loops' names meant.
    """

    problem: Problem
    reads: SourcesRead = frozenset()
    value: object = None
    at: int | None = None
    turns: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Traced:
    """How one value came about, for `etl preview`: `level` said it, those of `empty` had nothing to say.

    `sight`: what its names stand for, as paths of the trace; those that are not in it are the record's.
    """

    plan: ValuePlan
    value: Any
    steps: list[Step]
    sight: Mapping[str, Path] = field(default_factory=dict)
    level: str | None = None
    empty: tuple[str, ...] = ()


class Evaluation:
    """One record (or group) being mapped, with a work budget of its own.

    When that is spent, the record's problem is said once and nothing more of it is evaluated. A name that
    failed is in `failed`; one that is made of a row which was not found, so that the record is held, in
    `waiting`: what fails for want of it is passed over, and the lookup that found nothing is what is told.
    """

    def __init__(self, env: Sandbox, names: dict[str, Any], trace: dict[Path, Traced] | None = None) -> None:
        self.env = env
        env.budget.refill()
        self.context = env.context(names)
        self.names = names
        self.problems: list[SitedProblem] = []
        self.failed: set[str] = set()
        self.waiting: set[str] = set()
        self.plans: dict[Path, ValuePlan] = {}
        self.trace = trace
        self._sight: Mapping[str, Path] = {}
        self._begun: dict[Path, int] = {}
        self._moot = self._awaited = 0
        self._turn: dict[str, tuple[int, Any]] = {}
        self._sparse = False

    def let(self, name: str, plan: ValuePlan) -> None:
        """Add a name; a failing one is remembered so that its dependants are not blamed."""
        before = self._mark()
        self._name(name, self._given(plan, ("let", name)), before, ("let", name))

    def fields(self, plan: Members) -> dict[str, Any]:
        """Plain values for the target, in the mapping's order; empty members of lists are left out."""
        self._sparse = True
        self.plans[()] = plan
        return {name: self._given(child, (name,)) for name, child in plan.members.items()}

    def value(self, plan: Value, path: Path) -> Any:
        """The value of a constant or template; None after a failure."""
        if isinstance(plan, Constant):
            self._remember(path, plan, plan.value)
            return plan.value
        if self.is_moot(plan):
            self._moot += 1
            return None
        start = len(self.env.recorder.steps or ())
        result = self._evaluate(plan.template)
        self._remember(path, plan, result, start)
        return result

    def is_moot(self, plan: Value) -> bool:
        """Is it passed over, because of what failed or because the record's work is at its end?"""
        return isinstance(plan, Expression) and self._passed_over(plan.template)

    def truth(self, template: Template) -> bool | None:
        """A decision; None after a failure. Text that merely looks false is refused, not believed."""
        if self._passed_over(template):
            self._moot += 1
            return None
        result = self._evaluate(template, none_is_failure=True)
        if result is _FAILED:
            return None
        try:
            return is_true(result, template.shown)
        except BadValue as error:
            said = Problem(error.code, error.message, mapping=template.place(), help=error.help)
            self.trouble(said, template.sources)
            return None

    def trouble(self, problem: Problem, reads: SourcesRead = frozenset(), value: object = None) -> None:
        """Remember a problem, and the turn of each loop it arose in. A name that means a row of the group now
        says which row it is.
        """
        rows = self.names.get("rows") or ()
        read = [self.names.get(name) for name, _ in reads]
        at = next((n for n, row in enumerate(rows) if any(row is one for one in read)), None)
        at = None if any(name == "row" for name, _ in reads) else at
        turns = [f"$for {name}, turn {turn}{_told(member)}" for name, (turn, member) in self._turn.items()]
        if turns:
            problem = replace(problem, message=f"{problem.message} ({'; '.join(turns)})")
        members = {name: member for name, (_, member) in self._turn.items()}
        self.problems.append(SitedProblem(problem, reads, value, at, members))

    def fails(self, failure: Failure, sources: SourcesRead = frozenset(), since: int = 0) -> None:
        """Remember the problem of a failure, unless what was missing is a row that the record is held for.

        `sources`: what all of the template reads; `since`: how many such rows there were before it was asked.
        """
        reads = failure.reads or sources
        missed = (of for _, _, of in self.env.recorder.holds[since:])
        if failure.problem.code in _OF_NOTHING and (
            any(name in self.waiting for name, _ in reads) or any(not of or of & reads for of in missed)
        ):
            self._moot += 1
        else:
            self.trouble(failure.problem, reads, failure.value)

    # ------------------------------------------------------------------------------------ shapes

    def _given(self, plan: ValuePlan, path: Path) -> Any:
        """A `let` or a field of the document: what amounts in it name is theirs."""
        currencies = self.env.recorder.currencies
        currencies.owner = path
        value = self._tree(plan, path)
        currencies.owner = ()
        return value

    def _tree(self, plan: ValuePlan, path: Path) -> Any:
        """What a plan gives, as plain values. None for what `$if` leaves out."""
        self.plans[path] = plan
        if isinstance(plan, Constant | Expression):
            return self.value(plan, path)
        if isinstance(plan, Members):
            return {name: self._tree(child, (*path, name)) for name, child in plan.members.items()}
        if isinstance(plan, Items):
            members: list[Any] = []
            for child in plan.items:
                self._begin((*path, len(members)))
                members.extend(self._items(child, path, len(members)))
            return members
        if isinstance(plan, When):
            if self.truth(plan.condition):
                return self._tree(plan.body, path)
            self._remember(path, plan, None)
            return None
        if isinstance(plan, First):
            return self._first(plan, path)
        if isinstance(plan, Named):
            own = [name for name, _ in plan.names]
            hidden = self._hidden(own)
            self._give(plan, path)
            value = self._tree(plan.body, path)
            self._forget(own, hidden)
            return value
        raise TypeError(f"a loop outside a list: {plan}")

    def _items(self, plan: ValuePlan, path: Path, start: int) -> Iterator[Any]:
        """The members one list entry gives: one, none ($if) or many ($for)."""
        if isinstance(plan, When):
            if self.truth(plan.condition):
                yield from self._items(plan.body, path, start)
        elif isinstance(plan, Named):
            own = [name for name, _ in plan.names]
            hidden = self._hidden(own)
            self._give(plan, (*path, start))
            yield from self._items(plan.body, path, start)
            self._forget(own, hidden)
        elif isinstance(plan, Loop):
            yield from self._turns(plan, path, start)
        else:
            member = self._tree(plan, (*path, start))
            if not (self._sparse and is_empty(member)):
                yield member

    def _turns(self, plan: Loop, path: Path, start: int) -> Iterator[Any]:
        awaited = self._awaited
        members = self._members(plan)
        own = (plan.name, "loop")
        hidden = self._hidden(own)
        if self._awaited > awaited:
            self.waiting.add(plan.name)
        for position, member in enumerate(members):
            at = (*path, start)
            self._begin(at)
            self.names[plan.name] = member
            self._turn[plan.name] = position + 1, member
            self.names["loop"] = {
                "index": position + 1,
                "index0": position,
                "first": position == 0,
                "last": position == len(members) - 1,
            }
            self._remember((*at, "$for"), plan, {name: self.names[name] for name in own})
            self._see((*at, "$for"), *own)
            for value in self._items(plan.body, path, start):
                yield value
                start += 1
        self._turn.pop(plan.name, None)
        self._forget(own, hidden)

    def _first(self, plan: First, path: Path) -> Any:
        """The first choice that is not empty; nothing from there on where one was said and not understood: a
        lookup missed, here or behind a name that is read here.
        """
        empty: list[str] = []
        holds = self.env.recorder.holds
        for position, choice in enumerate(plan.choices):
            before, missed = self._mark(), len(holds)
            self._begin((*path, "$first"))
            value = self._tree(choice.body, path)
            if not is_empty(value):
                if choice.level and position:
                    what = f'"{plan.given}" said by level "{choice.level}"'
                    self.env.recorder.defaults[f"{plan.place.file}:{plan.place.line} {what}"] += 1
                self._say(path, plan, value, choice.level, empty)
                return value
            if self._mark() != before or len(holds) > missed:
                break
            empty.append(choice.level or str(position + 1))
        self._say(path, plan, None, None, empty)
        return None

    # ------------------------------------------------------------------------------------ names

    def _give(self, plan: Named, path: Path) -> None:
        for name, value in plan.names:
            before = self._mark()
            at = (*path, "$let", name)
            self._name(name, self._tree(value, at), before, at)

    def _name(self, name: str, value: Any, before: tuple[int, int], path: Path) -> None:
        wrong, awaited = before
        self._see(path, name)
        if self._awaited > awaited:
            self.waiting.add(name)
        if self._wrong() != wrong:
            self.failed.add(name)
        else:
            self.names[name] = value

    def _hidden(self, names: Iterable[str]) -> _Outside:
        """What these names mean outside: columns of a file may be hidden, and loops stand in loops."""
        return _Outside({name: self.names[name] for name in names if name in self.names}, self._sight)

    def _forget(self, names: Iterable[str], hidden: _Outside) -> None:
        for name in names:
            self.names.pop(name, None)
            self.failed.discard(name)
            self.waiting.discard(name)
        self.names.update(hidden.names)
        self._sight = hidden.sight

    def _wrong(self) -> int:
        """How much has gone wrong by now: problems, and what they make moot."""
        return len(self.problems) + self._moot

    def _mark(self) -> tuple[int, int]:
        return self._wrong(), self._awaited

    # ------------------------------------------------------------------------------------ inside

    def _members(self, plan: Loop) -> list[Any]:
        if self._passed_over(plan.over):
            self._moot += 1
            return []
        result = self._evaluate(plan.over, plan.size)
        if isinstance(result, list | tuple | range):
            return list(result)
        if result is not None:
            kind = "a text" if isinstance(result, str) else type(result).__name__
            problem = Problem("E483", f"$for runs over a list, not over {kind}", mapping=plan.over.place())
            self.trouble(problem, plan.over.sources)
        return []

    def _evaluate(self, template: Template, turn: int = 0, none_is_failure: bool = False) -> Any:
        """`turn` is what each member of the result will cost, if it is to be gone through."""
        since = len(self.env.recorder.holds)
        try:
            return template.evaluate(self.context, turn)
        except Failure as failure:
            self.fails(failure, template.sources, since)
            return _FAILED if none_is_failure else None
        finally:
            if len(self.env.recorder.holds) > since or not self.waiting.isdisjoint(template.names.all):
                self._awaited += 1

    def _passed_over(self, template: Template) -> bool:
        return self.env.budget.is_spent or bool(template.names.needed.keys() & self.failed)

    def _remember(self, path: Path, plan: ValuePlan, value: Any, start: int | None = None) -> None:
        if self.trace is not None:
            steps = self.env.recorder.steps
            own = list(steps[start:]) if steps is not None and start is not None else []
            self.trace[path] = Traced(plan, value, own, self._sight)

    def _say(self, path: Path, plan: First, value: Any, level: str | None, empty: list[str]) -> None:
        """A choice that is itself `$first` had empty choices of its own: they are told as the choice's."""
        if self.trace is None:
            return
        own = self.trace.get(path) if value is not None else None
        if own is None:
            own = Traced(plan, value, [], self._sight)
        within = level or str(len(empty) + 1)
        inner = (f"{within} {one}" for one in own.empty)
        self.trace[path] = replace(own, value=value, level=level or own.level, empty=(*empty, *inner))

    def _see(self, path: Path, *names: str) -> None:
        """The names stand for what is at the path of the trace."""
        if self.trace is not None:
            self._sight = {**self._sight, **dict.fromkeys(names, path)}

    def _begin(self, at: Path) -> None:
        """What was told of this place before is of a member that was left out, or a choice that was empty."""
        if self.trace is None:
            return
        if at in self._begun:
            while (last := self._begun.popitem())[0] != at:
                pass
            while len(self.trace) > last[1]:
                self.trace.popitem()
        self._begun[at] = len(self.trace)


@dataclass(frozen=True, slots=True)
class _Outside:
    names: dict[str, Any]
    sight: Mapping[str, Path]


def _told(member: Any) -> str:
    """The member of a list that a turn has come to, where that is one word."""
    return f": {quoted(str(member))}" if isinstance(member, str | int | Decimal) and member != "" else ""


_FAILED = object()
_OF_NOTHING = frozenset(("E475", "E478", "E479", "E490"))
"""What is said of a null, or an empty text, where a text, a calculation, a key or a request needs a value."""
