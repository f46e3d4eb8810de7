"""Rows of one record (or group) → a document, a held one, or every reason why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from jinja2.runtime import StrictUndefined
from pydantic import BaseModel

from etl.documents.size import payload_too_large
from etl.normal_form import normal_form
from etl.plan.plan import Expression, Plan, Value
from etl.plugin import Fault, Finding, Totals
from etl.problems import DataPlace, MappingPlace, Problem, Severity
from etl.run.currencies import CurrencyWatch
from etl.run.evaluate import Evaluation, Path, Traced, as_key
from etl.run.naming import name_of
from etl.run.outcomes import Built, Held, Outcome, Refused, SourceRow
from etl.template.compile import Template
from etl.template.environment import Failure, Recorder

Form = Literal["json", "json-line", "xml"]


class Builder:
    """Maps records with one plan. Counts of defaults used stay in `plan.env.recorder`."""

    def __init__(self, plan: Plan, form: Form = "json") -> None:
        self.plan, self.form = plan, form
        self._currencies = CurrencyWatch(plan)

    def skipped(self, row: SourceRow) -> bool | Refused:
        """Is the row passed over by `when`? Refused if that cannot be told."""
        if self.plan.when is None or row.spoilt is not None:
            return False
        evaluation = Evaluation(self.plan.env, self.names([row]))
        truth = evaluation.truth(self.plan.when.template)
        if truth is None:
            return Refused(self._problems(evaluation, row))
        return not truth

    def group(self, row: SourceRow) -> tuple[str, ...] | Refused:
        """The group a row belongs to."""
        evaluation = Evaluation(self.plan.env, self.names([row]))
        parts = self._parts(evaluation, self.plan.group_by, "group_by")
        if parts is None:
            return Refused((*_spoilt([row]), *self._problems(evaluation, row)))
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
        notes, holds = self._checks(evaluation)
        values = evaluation.fields(plan.fields)
        user = self._user(evaluation)
        # Several templates may ask a table for the same missing row: that is one reason, at its first place.
        missed = {(error.code, error.message): (place, error) for place, error in reversed(recorder.holds)}
        holds += [_hold(place, *reason, error.help) for reason, (place, error) in reversed(missed.items())]
        name = name_of(key) if key else f"record-{rows[0].record}"
        at = rows[0].place()
        for problem in self._currencies.problems(recorder.currencies, values, rows):
            if problem.severity is Severity.HOLD:
                holds.append(problem)
            else:
                evaluation.problems.append((problem, None))
        problems = self._problems(evaluation, rows[0])
        if problems:
            return Refused(problems, key)
        document = plan.target.build(values, recorder.respelt)
        if isinstance(document, list):
            faults = tuple(self._fault(fault, evaluation, rows[0]) for fault in document)
            if holds and all(fault.missing for fault in document):
                reasons = (
                    *(hold.at(data=at) for hold in holds),
                    *(replace(f, severity=Severity.HOLD) for f in faults),
                )
                return Held(key, name, None, reasons, Totals())
            return Refused(faults, key)
        return self._finish(key, name, document, user, notes, holds, evaluation, rows[0], values)

    # ------------------------------------------------------------------------------------ parts

    def _finish(
        self,
        key: tuple[str, ...] | None,
        name: str,
        document: BaseModel,
        user: str | None,
        notes: list[Problem],
        holds: list[Problem],
        evaluation: Evaluation,
        row: SourceRow,
        values: Mapping[str, Any],
    ) -> Outcome:
        target = self.plan.target
        findings = tuple(target.predict(document))
        if self.plan.codes is not None:
            findings = self.plan.codes.added_to(findings, document, target.open_codes)
        told = [self._finding(one, evaluation, row) for one in findings]
        refused = [problem for problem in told if problem.severity is Severity.ERROR]
        if refused:
            return Refused(tuple(refused), key)
        payload = target.payload(document, self.form)
        large = payload_too_large(payload, values)
        if large is not None:
            return Refused((self._fault(large, evaluation, row),), key)
        totals = target.totals(document)
        reasons = [hold.at(data=row.place()) for hold in holds]
        reasons += [problem for problem in told if problem.severity is Severity.HOLD]
        if reasons:
            return Held(key, name, payload, tuple(reasons), totals)
        warnings = [*told, *(note.at(data=row.place()) for note in notes)]
        assert key is not None  # noqa: S101 - a key that failed is a problem, handled before
        return Built(key, name, document, user, payload, totals, findings, tuple(warnings))

    def names(self, rows: Sequence[SourceRow]) -> dict[str, Any]:
        """The names templates see. In a group, a column whose rows disagree has no single value."""
        first = rows[0]
        names: dict[str, Any] = dict(first.values)
        if self.plan.group_by:
            for name, value in first.values.items():
                if not all(_alike(row.values.get(name), value) for row in rows[1:]):
                    names[name] = StrictUndefined(
                        hint=f'"{name}" differs among the rows of this group: say which, with rows', name=name
                    )
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
                evaluation.problems.append((failure.problem, expression.template))
        return tuple(parts) if len(parts) == len(named) else None

    def _user(self, evaluation: Evaluation) -> str | None:
        if self.plan.user is None:
            return None
        before = len(evaluation.problems)
        value = evaluation.value(self.plan.user, ("user",))
        silent = bool(evaluation.failed) or evaluation.is_moot(self.plan.user)
        if not value and len(evaluation.problems) == before and not silent:
            problem = Problem("E479", "the request has no user", mapping=self.plan.user.place)
            evaluation.problems.append((problem, _template(self.plan.user)))
        return str(value) if value else None

    def _checks(self, evaluation: Evaluation) -> tuple[list[Problem], list[Problem]]:
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
                evaluation.problems.append((Problem("E485", message, mapping=check.place), check.condition))
            elif check.verdict == "hold":
                holds.append(_hold(check.place, "E486", message, None))
            else:
                notes.append(Problem("E487", message, Severity.WARNING, mapping=check.place))
        return notes, holds

    # --------------------------------------------------------------------------------- problems

    def _problems(self, evaluation: Evaluation, row: SourceRow) -> tuple[Problem, ...]:
        return tuple(problem.at(data=self._data(template, row)) for problem, template in evaluation.problems)

    def _data(self, template: Template | None, row: SourceRow) -> DataPlace:
        """The record, and the column if the template reads just one."""
        read = [name for name in template.names.needed if name in row.values] if template else []
        return row.place(read[0] if len(read) == 1 else None)

    def _fault(self, fault: Fault, evaluation: Evaluation, row: SourceRow) -> Problem:
        place, template = self._filled_by(fault.path, evaluation)
        return Problem(
            fault.code, fault.message, mapping=place, data=self._data(template, row), help=fault.help
        )

    def _finding(self, finding: Finding, evaluation: Evaluation, row: SourceRow) -> Problem:
        place, template = self._filled_by(finding.path, evaluation)
        data = self._data(template, row)
        return Problem(finding.code, finding.message, finding.severity, place, data, finding.help)

    def _filled_by(self, path: Path, evaluation: Evaluation) -> tuple[MappingPlace, Template | None]:
        """What fills a place in the document: the field's own plan, or its nearest parent's."""
        for length in range(len(path), -1, -1):
            plan = evaluation.plans.get(path[:length])
            if plan is not None:
                place = plan.place
                return place, plan.template if isinstance(plan, Expression) else None
        return self.plan.fields.place, None


def _alike(one: Any, other: Any) -> bool:
    """Equal, or texts that look the same: rows that are one group by their order number agree on it."""
    if isinstance(one, str) and isinstance(other, str):
        return one == other or normal_form(one) == normal_form(other)
    return bool(one == other)


def _spoilt(rows: Sequence[SourceRow]) -> tuple[Problem, ...]:
    return tuple(_of_row(row.spoilt, row) for row in rows if row.spoilt is not None)


def _of_row(spoilt: Problem, row: SourceRow) -> Problem:
    """At the row, and its column if the problem is the row's own and not its file's."""
    own = spoilt.data is not None and (spoilt.data.file, spoilt.data.record) == (row.file, row.record)
    return replace(spoilt, data=row.place(spoilt.data.field if own and spoilt.data else None))


def _hold(place: MappingPlace, code: str, message: str, help: str | None) -> Problem:
    return Problem(code, message, Severity.HOLD, mapping=place, help=help)


def _template(value: Value) -> Template | None:
    return value.template if isinstance(value, Expression) else None


def fresh_recorder(plan: Plan, traced: bool = False) -> Recorder:
    """Start counting anew (one plan may be used for several runs)."""
    plan.env.recorder = Recorder(steps=[] if traced else None)
    return plan.env.recorder
