"""A layout whose aliases are MARC paths → its compiled paths, and the fields they are cut from."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from connectors.formats.marc_order_data import several_values
from connectors.formats.marc_path import MarcPath, parse_path
from connectors.formats.marc_record import Field, MarcRecord
from connectors.layouts import Layout
from connectors.order_marc.isbn_choice import IsbnChoice
from etl.plugin import DataPlace, Problem

Fields = dict[str, list[Field]]
CHOSEN = "020.isbn"
"""The name under which a layout takes the ISBN that the connector finds."""


@lru_cache(maxsize=4096)
def path_of(alias: str) -> MarcPath | None:
    """The alias as a MARC path; None for another field name, in a mapping for several layouts."""
    try:
        return parse_path(alias)
    except ValueError:
        return None


def paths_of(layout: Layout) -> list[MarcPath]:
    """The MARC paths among the layout's aliases, each once."""
    aliases = dict.fromkeys(alias for column in layout.columns.values() for alias in column.aliases)
    return [path for alias in aliases if (path := path_of(alias)) is not None]


def first_names(raw: Mapping[str, object]) -> dict[str, object]:
    """The vendor's fields by path, `700$a[0]` under `700$a`: that the layout means the first is its own
    affair.
    """
    return {name.replace("[0]", ""): value for name, value in raw.items()}


def told_of(
    layout: Layout,
    fields: Fields,
    found: Mapping[str, str],
    rows: frozenset[str],
    where: str,
    place: DataPlace,
    book: IsbnChoice | None = None,
) -> list[Problem]:
    """Several values where a column of the layout takes one: E327, E328; the doubt about the ISBN of `book`,
    if a column takes that. `found` as of `cut_all` and `found_in`; `rows` and `where` as in `several_values`.
    """
    problems = []
    for name, column in layout.columns.items():
        alias = next((alias for alias in column.aliases if found.get(alias, "").strip()), "")
        path = path_of(alias)
        if path is None:
            problems += [book.doubt.noted(place)] if alias == CHOSEN and book and book.doubt else []
            continue
        told = several_values(path, fields, path.found(fields), name, where, rows, lists=False)
        if told is not None:
            problems.append(told.noted(place))
    return problems


def other_isbns(layout: Layout, found: Mapping[str, str], book: IsbnChoice) -> dict[str, str]:
    """The ISBNs that are not ordered, where a column takes the one that is: name → text, to be told of."""
    taken = any(
        next((alias for alias in column.aliases if found.get(alias, "").strip()), "") == CHOSEN
        for column in layout.columns.values()
    )
    return {"020$a": str(book.others[0])} if taken and book.others else {}


def by_tag(record: MarcRecord) -> Fields:
    """The fields of the record by tag, the leader under LDR."""
    fields: Fields = {"LDR": [Field("LDR", record.leader)]}
    for one in record.fields:
        fields.setdefault(one.tag, []).append(one)
    return fields
