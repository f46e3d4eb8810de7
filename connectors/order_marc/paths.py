"""A layout whose aliases are MARC paths → its compiled paths, and the fields they are cut from."""

from __future__ import annotations

from connectors.formats.marc_path import MarcPath, parse_path
from connectors.formats.marc_record import Field, MarcRecord
from connectors.layouts import Layout

Fields = dict[str, list[Field]]


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


def by_tag(record: MarcRecord) -> Fields:
    """The fields of the record by tag, the leader under LDR."""
    fields: Fields = {"LDR": [Field("LDR", record.leader)]}
    for one in record.fields:
        fields.setdefault(one.tag, []).append(one)
    return fields
