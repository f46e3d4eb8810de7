"""The names of a file's fields, and the layouts a connector knows → the layout the file is in, and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches

from connectors.formats.header import fold
from connectors.formats.other_papers import other_paper
from connectors.layouts.layout import Layout, folded
from etl.plugin import DataPlace, Problem, Refusal, Severity


def recognise(
    file: str,
    layouts: Mapping[str, Layout],
    names: Collection[str],
    asked: str = "auto",
    own: Mapping[str, str | list[str]] | None = None,
) -> tuple[Layout, str]:
    """(layout, why). A layout fits when all fields of its signature are there; of several, the longest wins.

    Another alias of the same column counts for a field, and so does the name that a mapping gives it (`own`:
    the option columns).

    Raises Refusal: E443 it is no order but another paper; E356 no layout fits, two fit equally well, or there
    is none by the name asked for.
    """
    if asked != "auto":
        return named_layout(file, layouts, asked), "set by the option layout"
    fitting = [one for one in layouts.values() if one.signature and not _lacking(one, names, own or {})]
    fitting.sort(key=lambda one: len(one.signature), reverse=True)
    if not fitting:
        raise Refusal(_unrecognised(file, layouts, names, own or {}))
    if len(fitting) > 1 and len(fitting[0].signature) == len(fitting[1].signature):
        both = f'"{fitting[0].name}" and "{fitting[1].name}"'
        told = f"the file can be in the layouts {both}"
        raise Refusal(
            Problem("E356", told, data=DataPlace(file), help=f"say which:  layout: {fitting[0].name}")
        )
    return fitting[0], f"it has {', '.join(fitting[0].signature)}"


def check_fields(file: str, layout: Layout, names: Collection[str], line: int | None = None) -> None:
    """For files whose fields are the same in every record.

    Raises Refusal: E356 a required column has no field it could come from, E307 an alias stands twice.
    """
    place = DataPlace(file, line=line)
    spelt: dict[str, list[str]] = {}
    for name in names:
        spelt.setdefault(fold(name), []).append(name)
    problems: list[Problem] = []
    for name, column in layout.columns.items():
        aliases = [fold(alias) for alias in column.aliases]
        found = next((alias for alias in aliases if alias in spelt), None)
        if found and len(spelt[found]) > 1:
            told = f'the column "{name}" can come from "{spelt[found][0]}" or from "{spelt[found][1]}"'
            problems.append(Problem("E307", told, data=place, help="have the vendor name them apart"))
        elif not found and column.required and not column.default:
            told = f'the file has no field for the column "{name}" of the layout "{layout.name}"'
            help_ = f"looked for: {', '.join(column.aliases)}; the file has: {', '.join(names)}"
            problems.append(Problem("E356", told, data=place, help=help_))
    if problems:
        raise Refusal(problems)


def named_layout(file: str, layouts: Mapping[str, Layout], asked: str) -> Layout:
    """Raises Refusal E356 when there is no layout of that name."""
    if asked in layouts:
        return layouts[asked]
    near = get_close_matches(asked, layouts, n=1)
    tip = f'did you mean "{near[0]}"? ' if near else ""
    raise Refusal(
        Problem(
            "E356",
            f'there is no layout "{asked}"',
            data=DataPlace(file),
            help=f"{tip}Known: {', '.join(layouts)}",
        )
    )


def chosen_note(file: str, layout: Layout, why: str) -> Problem:
    """The note that says which of several layouts was recognised."""
    return Problem(
        "E358", f'read in the layout "{layout.name}": {why}', Severity.WARNING, data=DataPlace(file)
    )


def _lacking(layout: Layout, names: Collection[str], own: Mapping[str, str | list[str]]) -> list[str]:
    """The fields of the layout's signature that the file has under no name."""
    there = folded(names)
    lacking = []
    for field in layout.signature:
        spellings = {field}
        for column, known in layout.columns.items():
            if folded([field]) <= folded(known.aliases):
                renamed = own.get(column, [])
                spellings |= {*known.aliases, *([renamed] if isinstance(renamed, str) else renamed)}
        if not folded(spellings) & there:
            lacking.append(field)
    return lacking


def _unrecognised(
    file: str, layouts: Mapping[str, Layout], names: Collection[str], own: Mapping[str, str | list[str]]
) -> Problem:
    if (other := other_paper(file, names)) is not None:
        return other
    looked = [
        f"{one.name} lacks {', '.join(_lacking(one, names, own))}"
        for one in layouts.values()
        if one.signature
    ]
    found = ", ".join(list(names)[:30]) or "nothing"
    help_ = (
        f"looked for: {'; '.join(looked)}. Name the layout if it is one, and give the new names under columns"
    )
    return Problem(
        "E356", f"no known layout: the file has the fields {found}", data=DataPlace(file), help=help_
    )
