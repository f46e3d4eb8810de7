"""Rows of one record (or group) → a document, a held one, or every reason why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from jinja2.runtime import StrictUndefined
from pydantic import BaseModel

from etl.documents.size import payload_too_large
from etl.normal_form import normal_form
from etl.plan.compile import at_column
from etl.plan.plan import Expression, Items, Members, Plan, ValuePlan
from etl.plugin import Fault, Finding, Identity, Totals
from etl.problems import DataPlace, MappingPlace, Problem, Severity
from etl.run.cells import Cells, reads_below
from etl.run.currencies import CurrencyWatch
from etl.run.evaluate import Evaluation, Path, SitedProblem, Traced
from etl.run.identities import identity_for
from etl.run.naming import as_key, as_word, name_of
from etl.run.outcomes import Built, Held, Outcome, Refused, SourceRow
from etl.run.unread import is_ignored
from etl.template.emptiness import is_empty
from etl.template.environment import Failure, Recorder
from etl.template.plain_words import filled_in
from etl.template.sources_read import SourcesRead
from etl.values.quoting import quoted

Form = Literal["json", "json-line", "xml"]


class Builder:
    """Maps records with one plan. Counts of defaults used stay in `plan.env.recorder`."""

    def __init__(self, plan: Plan, form: Form = "json") -> None:
        self.plan, self.form = plan, form
        self._currencies = CurrencyWatch(plan)
        self._cells = Cells(plan)

    def skipped(self, row: SourceRow) -> bool | Refused:
        """Is the row passed over by `when`? Refused if that cannot be told."""
        if self.plan.when is None or row.spoilt is not None or any(_told_of(self.plan, [row])):
            return False  # what `when` asks for may be the very value that is in doubt
        self.plan.env.recorder.forget()
        evaluation = Evaluation(self.plan.env, self.names([row]))
        truth = evaluation.truth(self.plan.when.template)
        if truth is None:
            return Refused(self._problems(evaluation, [row]) or self._held_for([row], Severity.ERROR))
        return not truth

    def group(self, row: SourceRow) -> tuple[str, ...] | Refused:
        """The group a row belongs to."""
        self.plan.env.recorder.forget()
        evaluation = Evaluation(self.plan.env, self.names([row]))
        parts = self._parts(evaluation, self.plan.group_by, "group_by")
        if parts is None:
            problems = self._problems(evaluation, [row]) or self._held_for([row], Severity.ERROR)
            return Refused((*_spoilt([row]), *problems))
        return tuple(map(normal_form, parts))

    def build(self, rows: Sequence[SourceRow], trace: dict[Path, Traced] | None = None) -> Outcome:
        """The outcome for the rows of one document. It is refused when one of their files is not whole."""
        if spoilt := _spoilt(rows):
            return Refused(spoilt)
        plan = self.plan
        recorder = plan.env.recorder
        recorder.forget()
        evaluation = Evaluation(plan.env, self.names(rows), trace)
        for name, value in plan.let:
            evaluation.let(name, value)
        key = self._parts(evaluation, plan.key, "key")
        notes, holds = self._checks(evaluation, rows)
        values = evaluation.fields(plan.fields)
        user = self._user(evaluation)
        identity = identity_for(plan, evaluation, rows)
        holds += [*self._held_for(rows), *_told_of(plan, rows)]
        name = name_of(key) if key else f"record-{rows[0].record}"
        for problem in self._currencies.problems(recorder.currencies, values, rows):
            if problem.severity is Severity.HOLD:
                holds.append(problem)
            else:
                evaluation.trouble(problem)
        problems = self._problems(evaluation, rows)
        if problems:
            return Refused(problems, key)
        document = plan.target.build(values, recorder.respelt)
        if isinstance(document, list):
            faults = tuple(self._fault(fault, evaluation, rows) for fault in document)
            if holds and all(fault.missing for fault in document):
                reasons = (*holds, *(replace(f, severity=Severity.HOLD) for f in faults))
                return Held(key, name, None, reasons, plan.target.said(values), user, identity)
            return Refused(faults, key)
        return self._finish(key, name, document, user, identity, notes, holds, evaluation, rows, values)

    # ------------------------------------------------------------------------------------ parts

    def _finish(
        self,
        key: tuple[str, ...] | None,
        name: str,
        document: BaseModel,
        user: str | None,
        identity: Identity,
        notes: list[Problem],
        holds: list[Problem],
        evaluation: Evaluation,
        rows: Sequence[SourceRow],
        values: Mapping[str, Any],
    ) -> Outcome:
        target = self.plan.target
        findings = tuple(target.predict(document))
        if self.plan.codes is not None:
            findings = self.plan.codes.added_to(findings, document, target.open_codes)
        told = [self._finding(one, evaluation, rows) for one in findings]
        refused = [problem for problem in told if problem.severity is Severity.ERROR]
        if refused:
            return Refused(tuple(refused), key)
        payload = target.payload(document, self.form)
        large = payload_too_large(payload, values)
        if large is not None:
            return Refused((self._fault(large, evaluation, rows),), key)
        totals = target.totals(document)
        holds += self._unlimited(totals, rows)
        reasons = [*holds, *(problem for problem in told if problem.severity is Severity.HOLD)]
        if reasons:
            return Held(key, name, payload, tuple(reasons), totals, user, identity)
        warnings = [*told, *notes]
        assert key is not None  # noqa: S101 - a key that failed is a problem, handled before
        return Built(key, name, document, user, identity, payload, totals, findings, tuple(warnings))

    def _unlimited(self, totals: Totals, rows: Sequence[SourceRow]) -> Iterator[Problem]:
        """E568: money in a currency that the guards set no limit for, though they do for others."""
        limits = self.plan.guards.max_total
        for currency in sorted(totals.money.keys() - limits.keys()) if limits else ():
            told = f"the order is in {currency}, which max_total does not name"
            help_ = f"if such orders are meant, give them a limit:  max_total: {{{currency}: …}}"
            place = self.plan.spec.place("guards", "max_total")
            yield Problem("E568", told, Severity.HOLD, place, rows[0].place(), help_)

    def names(self, rows: Sequence[SourceRow]) -> dict[str, Any]:
        """The names templates see. In a group, a column whose rows disagree has no single value."""
        first = rows[0]
        names: dict[str, Any] = dict(first.values)
        if self.plan.group_by:
            for name, value in first.values.items():
                if not all(_alike(row.values.get(name), value) for row in rows[1:]):
                    one = f".{name}" if name.isidentifier() else f"['{name}']"
                    hint = (
                        f'"{name}" differs among the rows of this group: say which, rows[0]{one} for the '
                        f"first, or go through them, $for: r in rows, with r{one}"
                    )
                    names[name] = StrictUndefined(hint=hint, name=name)
            names["rows"] = [row.values for row in rows]
        names["row"] = first.values
        names["record"] = {"number": first.record, "line": first.line, "file": first.file}
        names["parameters"] = self.plan.parameters
        names["run_date"] = self.plan.run_date
        return names

    def _parts(
        self, evaluation: Evaluation, named: Sequence[tuple[str, Expression]], of: str
    ) -> tuple[str, ...] | None:
        """The parts of a key or a group as texts; None where one fails or is empty, which is a problem."""
        parts = []
        for name, expression in named:
            before = len(evaluation.problems)
            value = evaluation.value(expression, (of, name))
            if len(evaluation.problems) > before or evaluation.is_moot(expression):
                continue
            try:
                parts.append(as_key(value, name, expression.place, of))
            except Failure as failure:
                evaluation.fails(failure, expression.template.sources)
        return tuple(parts) if len(parts) == len(named) else None

    def _user(self, evaluation: Evaluation) -> str | None:
        if self.plan.user is None:
            return None
        before = len(evaluation.problems)
        value = evaluation.value(self.plan.user, ("user",))
        silent = bool(evaluation.failed) or evaluation.is_moot(self.plan.user)
        if silent or len(evaluation.problems) > before:
            return None
        place, reads = self.plan.user.place, reads_below(self.plan.user)
        if is_empty(value):
            evaluation.fails(Failure(Problem("E479", "the request has no user", mapping=place), reads))
            return None
        try:
            return as_word(value, "user", "E479", place)
        except Failure as failure:
            evaluation.fails(failure, reads)
            return None

    def _checks(
        self, evaluation: Evaluation, rows: Sequence[SourceRow]
    ) -> tuple[list[Problem], list[Problem]]:
        """Warnings and holds of the author's rules; rejections join the evaluation's problems."""
        notes: list[Problem] = []
        holds: list[Problem] = []
        for position, check in enumerate(self.plan.checks):
            if not evaluation.truth(check.condition):
                continue
            before = len(evaluation.problems)
            message = str(evaluation.value(check.message, ("checks", position)) or "")
            if len(evaluation.problems) > before or evaluation.is_moot(check.message):
                continue
            if check.verdict == "reject":
                evaluation.trouble(Problem("E485", message, mapping=check.place), check.condition.sources)
                continue
            at = self._cell(check.condition.sources, rows)
            if check.verdict == "hold":
                holds.append(Problem("E486", message, Severity.HOLD, check.place, at))
            else:
                notes.append(Problem("E487", message, Severity.WARNING, check.place, at))
        return notes, holds

    # --------------------------------------------------------------------------------- problems

    def _held_for(self, rows: Sequence[SourceRow], severity: Severity = Severity.HOLD) -> tuple[Problem, ...]:
        """The rows of tables that were not found. Several templates may ask for the same one: that is one
        reason, at its first place.
        """
        holds = self.plan.env.recorder.holds
        missed = {(error.code, error.message): one for one in reversed(holds) for error in [one[1]]}
        return tuple(
            Problem(error.code, error.message, severity, place, self._cell(reads, rows), error.help)
            for place, error, reads in reversed(missed.values())
        )

    def _problems(self, evaluation: Evaluation, rows: Sequence[SourceRow]) -> tuple[Problem, ...]:
        return tuple(
            self._explained(one).at(data=self._cell(one.reads, rows, one.value, one.at, one.turns))
            for one in evaluation.problems
        )

    def _explained(self, trouble: SitedProblem) -> Problem:
        """What has nothing to calculate with, and the lookups that gave nothing."""
        problem = trouble.problem
        if problem.code != "E490" or problem.mapping is None:
            return problem
        why = dict.fromkeys(self._missed(problem.mapping, trouble.reads))
        return replace(problem, message=f"{problem.message} ({', and '.join(why)})") if why else problem

    def _cell(
        self,
        reads: SourcesRead,
        rows: Sequence[SourceRow],
        value: object = None,
        at: int | None = None,
        turns: Mapping[str, Any] | None = None,
    ) -> DataPlace:
        row, column = self._cells.cell(reads, rows, value, at, turns)
        return row.place(column)

    def _fault(self, fault: Fault, evaluation: Evaluation, rows: Sequence[SourceRow]) -> Problem:
        plan = self._filled_by(fault.path, evaluation)
        reads = _reads(plan)
        row, column = self._cells.cell(reads, rows)
        why = self._why_nothing(plan.place, reads, row, column) if fault.missing and reads else ""
        help_ = fault.help
        if isinstance(plan, Expression) and plan.template.is_expression:
            help_ = filled_in(help_, plan.template.shown)
        told = fault.message + why
        return Problem(fault.code, told, mapping=plan.place, data=row.place(column), help=help_)

    def _why_nothing(
        self, place: MappingPlace, reads: SourcesRead, row: SourceRow, column: str | None
    ) -> str:
        """What the field was to come of: the cell, and the lookups that found nothing."""
        cell = row.values.get(column) if column else None
        why = []
        if column and is_empty(cell):
            why.append(f"the column {column} is empty")
        elif column and isinstance(cell, str):
            why.append(f"nothing came of {quoted(cell)}")
        why += self._missed(place, reads)
        return f" ({', and '.join(dict.fromkeys(why))})" if why else ""

    def _missed(self, place: MappingPlace, reads: SourcesRead) -> Iterator[str]:
        """What was used instead of something, at this place or in the `let` behind it."""
        lines = self._cells.lines(reads) | {(place.file, place.line)}
        return (what for at, what in self.plan.env.recorder.misses if (at.file, at.line) in lines)

    def _finding(self, finding: Finding, evaluation: Evaluation, rows: Sequence[SourceRow]) -> Problem:
        plan = self._filled_by(finding.path, evaluation)
        at = self._cell(_reads(plan), rows)
        return Problem(finding.code, finding.message, finding.severity, plan.place, at, finding.help)

    def _filled_by(self, path: Path, evaluation: Evaluation) -> ValuePlan:
        """What fills a place in the document: the field's own plan, or its nearest parent's."""
        for length in range(len(path), -1, -1):
            plan = evaluation.plans.get(path[:length])
            if plan is not None:
                return plan
        return self.plan.fields


def _reads(plan: ValuePlan) -> SourcesRead:
    """What fills a field; what is wrong with a whole group comes of no single cell."""
    return frozenset() if isinstance(plan, Members | Items) else reads_below(plan)


def _alike(one: Any, other: Any) -> bool:
    """Equal, or texts that look the same: rows that are one group by their order number agree on it."""
    if isinstance(one, str) and isinstance(other, str):
        return one == other or normal_form(one) == normal_form(other)
    return bool(one == other)


def _told_of(plan: Plan, rows: Sequence[SourceRow]) -> Iterator[Problem]:
    """Why the connector has them wait, less what `source.ignore` speaks of."""
    for row in rows:
        for problem in row.holds():
            field = problem.data.field if problem.data else None
            if field is None or not is_ignored(field, plan.spec):
                yield at_column(plan.spec, problem)


def _spoilt(rows: Sequence[SourceRow]) -> tuple[Problem, ...]:
    return tuple(_of_row(row.spoilt, row) for row in rows if row.spoilt is not None)


def _of_row(spoilt: Problem, row: SourceRow) -> Problem:
    """At the row, and its column if the problem is the row's own and not its file's."""
    own = spoilt.data is not None and (spoilt.data.file, spoilt.data.record) == (row.file, row.record)
    return replace(spoilt, data=row.place(spoilt.data.field if own and spoilt.data else None))


def fresh_recorder(plan: Plan, traced: bool = False) -> Recorder:
    """Start counting anew (one plan may be used for several runs)."""
    plan.env.recorder = Recorder(steps=[] if traced else None)
    return plan.env.recorder
