"""A group of problems → one annotation of a GitHub workflow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from etl.problems import Problem, Severity
from etl.run.problem_log import Group
from etl.shown import visible, without_secrets

_LEVEL = {
    Severity.ERROR: "error",
    Severity.HOLD: "warning",
    Severity.WARNING: "warning",
    Severity.NOTE: "notice",
}


def annotation(group: Group) -> tuple[str, dict[str, str], list[str]]:
    """Level, properties (`file`, `line`, `col`, `title`) and lines of what is said."""
    first = group.examples[0]
    properties = {}
    if first.mapping is not None:
        place = first.mapping
        properties = {"file": place.file}
        if place.line:
            properties |= {"line": str(place.line), "col": str(place.column)}
    elif first.data is not None:
        properties = {"file": first.data.file} | ({"line": str(first.data.line)} if first.data.line else {})
    properties["title"] = first.code
    lines = [first.message + (f" ({group.count:,} times)" if group.count > 1 else "")]
    lines += [str(part) for part in (first.data, _field(first), first.help) if part]
    for other in group.examples[1:]:
        if _said(other) != _said(first):  # a hint stands with what it is for
            lines += [str(part) for part in (other.data, _field(other), other.message, other.help) if part]
    return _LEVEL[first.severity], properties, lines


def _field(problem: Problem) -> str:
    """The dotted address in a file whose lines are not told: a payload."""
    place = problem.mapping
    return place.path if place is not None and not place.line else ""


def _said(problem: Problem) -> tuple[str, str, str | None]:
    return problem.message, _field(problem), problem.help


def annotation_line(level: str, properties: Mapping[str, str], lines: Iterable[str]) -> str:
    """`::error file=…,line=…,col=…,title=E412::message`, each part escaped."""
    settings = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{level} {settings}::{'%0A'.join(map(_text, lines))}"


def _text(value: str) -> str:
    """The signs of the syntax itself; a line break is visible by then."""
    return visible(without_secrets(value)).replace("%", "%25")


def _property(value: str) -> str:
    return _text(value).replace(":", "%3A").replace(",", "%2C")
