"""A vendor's fields by path, where a repeated element has its number → what a column would leave unused.

`OrderDetail/Location[2]` stands beside `OrderDetail/Location`, which is the one that a column reads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from connectors.formats.header import fold
from connectors.formats.trouble import several_said
from connectors.layouts.layout import Layout
from etl.plugin import DataPlace, Problem, Severity, normal_form

_NUMBER = re.compile(r"\[[0-9]+\]")


def second_fields(layout: Layout, fields: Mapping[str, str | None], place: DataPlace) -> list[Problem]:
    """E327, which holds, for each field that a column is read from and that stands there again, otherwise."""
    again: dict[str, list[str]] = {}
    for name, text in fields.items():
        if text and (first := _NUMBER.sub("", name)) != name:
            again.setdefault(fold(first), []).append(name)
    filled = {fold(name): name for name, text in fields.items() if text and text.strip()} if again else {}
    problems = []
    for column, wanted in layout.columns.items():
        field = next((filled[fold(alias)] for alias in wanted.aliases if fold(alias) in filled), None)
        others = again.get(fold(field), []) if field else []
        texts = {normal_form(fields[name] or ""): name for name in reversed([field, *others]) if name}
        if field and len(texts) > 1:
            said = several_said(f'"{field}" is one value', "the order", list(reversed(texts)))
            other = next(name for name in reversed(texts.values()) if name != field)
            help_ = f"ask which is meant; the first is in what is held, and  {column}: {other}  takes another"
            exact = DataPlace(place.file, place.record, place.line, place.offset, field)
            problems.append(Problem("E327", said, Severity.HOLD, data=exact, help=help_))
    return problems
