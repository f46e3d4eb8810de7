"""An operator and its place in a mapping → what Jinja calls for it: exact, and a failure names its operand.

Not as Python does it: numbers are exact, null has no order, and only yes, no and text answer a condition.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from etl.plugin import BadValue
from etl.problems import MappingPlace, Problem
from etl.template.arithmetic import calculate, negated
from etl.template.bounds import RecordBudget
from etl.template.environment import Failure
from etl.template.plain_words import bracketed
from etl.template.sources_read import SourcesRead

_OfOne = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Written:
    """An expression as the author wrote it, and where."""

    text: str
    place: MappingPlace
    reads: SourcesRead

    def empty(self, what_for: str, instead: str = "") -> Failure:
        """The failure of one that is null; `instead`: what else to write."""
        return Failure(
            Problem(
                "E490",
                f"{self.text} is empty: nothing to {what_for}",
                mapping=self.place,
                help=f"ask first, with $if or and:  {bracketed(self.text)} is not none{instead}",
            ),
            self.reads,
        )

    def failed(self, error: BadValue) -> Failure:
        """The same at its place."""
        return Failure(Problem(error.code, error.message, mapping=self.place, help=error.help), self.reads)


def arithmetic_site(
    budget: RecordBudget, operator: str, left: Written, right: Written, whole: Written
) -> Callable[[Any, Any], Any]:
    """`left operator right` at one place."""

    def calculated(one: Any, other: Any) -> Any:
        if one is None or other is None:
            left_out = f"[{left.text.replace(' + ', ', ')}, {right.text}] | reject('none') | sum"
            instead = f",  or leave out what is empty:  {left_out}" if operator == "+" else ""
            raise (left if one is None else right).empty("calculate with", instead)
        try:
            return budget.measure(calculate(operator, one, other))
        except BadValue as error:
            raise whole.failed(error) from error
        except ZeroDivisionError as error:
            divisor = left if operator == "**" else right
            why = "" if divisor.text == "0" else f": {divisor.text} is 0"
            message = f"a division by 0{why}"
            help_ = "ask first, with $if, whether there is something to divide by"
            said = Problem("E472", message, mapping=divisor.place, help=help_)
            raise Failure(said, divisor.reads) from error

    return calculated


def sign_site(operand: Written) -> _OfOne:
    """`-operand` at one place."""

    def turned(value: Any) -> Any:
        if value is None:
            raise operand.empty("calculate with")
        return negated(value)

    return turned


def operand_site(operand: Written, what_for: str | None, weigh: _OfOne | None) -> _OfOne:
    """An operand of a comparison: not null where there is a `what_for`, charged where there is a `weigh`."""

    def compared(value: Any) -> Any:
        if value is None and what_for is not None:
            raise operand.empty(what_for)
        return value if weigh is None else weigh(value)

    return compared


def answer_site(budget: RecordBudget, operand: Written, answer: Callable[[Any, str], Any]) -> _OfOne:
    """Where a yes or no is asked: `is_true` answers as a condition, `as_choice` as an operand of `or`."""

    def answered(value: Any) -> Any:
        if value is True or value is False:
            return value
        if isinstance(value, str):
            budget.spend(1, len(value))
        try:
            return answer(value, operand.text)
        except BadValue as error:
            raise operand.failed(error) from error

    return answered
