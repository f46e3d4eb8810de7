"""A group of problems → one annotation of a GitHub workflow."""

from __future__ import annotations

from collections.abc import Mapping

from etl.problems import Severity
from etl.run.problem_log import Group

_LEVEL = {Severity.ERROR: "error", Severity.HOLD: "warning", Severity.WARNING: "warning"}


def annotation(group: Group) -> str:
    """`::error file=…,line=…,col=…,title=E412::message`, escaped as the workflow syntax wants it."""
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
    message = first.message + (f" ({group.count:,} times)" if group.count > 1 else "")
    if first.data is not None:
        message += f"\n{first.data}"
    if first.help:
        message += f"\n{first.help}"
    for other in group.examples[1:]:
        if (other.message, other.help) != (first.message, first.help):  # a hint stands with what it is for
            message += "".join(f"\n{part}" for part in (other.data, other.message, other.help) if part)
    return annotation_line(_LEVEL[first.severity], properties, message)


def annotation_line(level: str, properties: Mapping[str, str], message: str) -> str:
    """`::level name=value,…::message`, each part escaped."""
    settings = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{level} {settings}::{_text(message)}"


def _text(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _text(value).replace(":", "%3A").replace(",", "%2C")
