"""The shape of a mapping file, key by key.

Sections that hold templates (`let`, `fields`, `when` …) are kept as nodes of the YAML tree and compiled by
the plan; the rest is plain data, checked here. Field descriptions are what the editor and `etl schema
mapping` show.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    WithJsonSchema,
)

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*\Z")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def _name(value: str) -> str:
    if not _NAME.match(value):
        raise ValueError("use letters, digits, - _ and . only")
    return value


def _identifier(value: str) -> str:
    if not _IDENTIFIER.match(value) or value.startswith("_"):
        raise ValueError("use letters, digits and _ only, and begin with a letter")
    return value


def _one_or_many(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _written(value: object) -> object:
    """`default: true` is the text "true" where text belongs."""
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else value


def _reason(value: str) -> str:
    if not value.strip():
        raise ValueError("say why it goes unused")
    return value


def _day(value: str) -> str:
    try:
        date.fromisoformat(value)
    except ValueError:
        raise ValueError("there is no such day") from None
    return value


Text = Annotated[str, BeforeValidator(_written), WithJsonSchema({"type": ["string", "number", "boolean"]})]
Name = Annotated[
    str,
    AfterValidator(_name),
    WithJsonSchema({"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_.-]*$"}),
]
Identifier = Annotated[
    str,
    AfterValidator(_identifier),
    WithJsonSchema({"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_]*$"}),
]
OneOrMany = Annotated[
    list[str],
    BeforeValidator(_one_or_many),
    Field(min_length=1),
    WithJsonSchema(
        {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
    ),
]

CellKind = Literal["text", "integer", "decimal", "percent", "yes_no", "date"]
ColumnKinds = Annotated[
    dict[str, CellKind],
    BeforeValidator(lambda value: dict.fromkeys(value, "text") if isinstance(value, list) else value),
    BeforeValidator(_one_or_many),
    Field(min_length=1),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {"type": "array", "items": {"type": "string"}, "minItems": 1},
                {"type": "object", "additionalProperties": {"enum": list(get_args(CellKind))}},
            ]
        }
    ),
]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceSection(_Section):
    """Where the records come from."""

    connector: str = Field(description="Name of the connector: etl list connectors")
    path: OneOrMany | None = Field(
        default=None, description="File, glob, folder, '-' or URL, relative to this file"
    )
    options: dict[str, Any] = Field(default={}, description="The connector's own options")
    ignore: dict[str, Annotated[Text, AfterValidator(_reason)]] = Field(
        default={}, description="Columns, paths or patterns that go unused on purpose, each with its reason"
    )


class ParameterSection(_Section):
    """A value given from outside: --param NAME=VALUE or ETL_PARAM_NAME. Never a secret."""

    default: Text | None = Field(
        default=None, description="Used when none is given; without it the parameter is required"
    )
    help: Text = Field(default="", description="What it means")


class LookupSection(_Section):
    """A table: key → row."""

    file: str | None = Field(default=None, description="CSV or YAML file, relative to this file")
    rows: Any = Field(
        default=None, description="The table itself, written here: a list of rows, or key → row or value"
    )
    key: OneOrMany = Field(description="The column or columns that identify a row")
    columns: ColumnKinds | None = Field(
        default=None,
        description="Columns the table must have besides its key: a list of texts, or each with its type "
        "(vat_percent: percent); no others may be read",
    )
    on_missing: Any = Field(
        default="reject",
        description="reject, hold, null, or a row to use instead",
        json_schema_extra={"anyOf": [{"enum": ["reject", "hold", "null"]}, {"type": "object"}]},
    )
    case_insensitive: StrictBool = Field(default=False, description="Compare keys without regard to case")


class IdentitySection(_Section):
    """What an order line is known by besides its key, where the connector does not say (csv, marc)."""

    vendor: Any = Field(default=None, description="Column or template: who is ordered from")
    order: Any = Field(default=None, description="Column or template: the order's number")
    line: Any = Field(default=None, description="Column or template: the line's number in its order")
    title: Any = Field(default=None, description="Column or template: ISBN, title number or title")
    barcode: Any = Field(default=None, description="Column or template: the copy's barcode")
    another: Any = Field(default=None, description="Template: true when it is another order all the same")


class GuardsSection(_Section):
    """Limits of a run. When one is passed nothing is delivered and the exit code is 4."""

    max_documents: int | None = Field(default=None, ge=0, description="Most documents in one run")
    max_rejected: str | None = Field(
        default=None,
        pattern=r"^\d+(\.\d+)?%?$",
        description="Most rejected records: a number, or a share such as 2%",
    )
    max_total: dict[str, Decimal] = Field(default={}, description="Most money in one run, by currency")


class SnapshotSection(_Section):
    """What is held still when snapshots are made."""

    run_date: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$"), AfterValidator(_day)] | None = Field(
        default=None, description="The run's date in snapshots"
    )
    parameters: dict[str, Text] = Field(default={}, description="Parameter values in snapshots")


class SinkSection(BaseModel):
    """Where documents go. Other keys are the sink's own options."""

    model_config = ConfigDict(extra="allow", frozen=True)
    type: str = Field(description="files, stdout or another sink: etl list sinks")


class MappingFile(_Section):
    """A mapping from one vendor's records to one kind of Alma document."""

    version: Literal["1"] = Field(description="Version of the mapping language: 1")
    name: Name = Field(description="Short name; reports and ledgers use it")
    description: Text = Field(default="", description="One line for people")
    extends: OneOrMany | None = Field(
        default=None, description="Mapping file(s) this one is laid on, relative to this file"
    )
    target: str = Field(description="po_line or purchase_request: etl list targets")
    source: SourceSection
    parameters: dict[Identifier, ParameterSection] = Field(
        default={}, description="Values given from outside, by name; templates read parameters.NAME"
    )
    lookups: dict[Identifier, LookupSection] = Field(
        default={}, description="Tables, by name; templates read them with  key | lookup('NAME')"
    )
    key: Any = Field(description="Columns or templates that identify the order line")
    when: Any = Field(
        default=None, description="Records for which this is false are skipped, counted and listed"
    )
    group_by: Any = Field(default=None, description="Records that share these become one document")
    user: Any = Field(default=None, description="purchase_request only: the requesting user")
    identity: IdentitySection | None = None
    requires: dict[Identifier, Text] = Field(
        default={}, description="Names a base needs and does not give: name → what it must be"
    )
    levels: dict[Identifier, Identifier] = Field(
        default={}, description="Who may say a value, the strongest first: level → the name of its row"
    )
    let: dict[Identifier, Any] = Field(default={}, description="Named values of any shape, in any order")
    fragments: dict[Identifier, Any] = Field(default={}, description="Named parts of fields, for $include")
    fields: dict[str, Any] = Field(description="The target document")
    checks: list[Any] = Field(default=[], description="Rules: {if, reject|hold|warn}")
    guards: GuardsSection = GuardsSection()
    institution: str | None = Field(
        default=None, description="File of etl pull that codes are checked against, relative to this file"
    )
    snapshot: SnapshotSection = SnapshotSection()
    sink: SinkSection | None = None


TEMPLATED = frozenset({"key", "when", "group_by", "user", "let", "fragments", "fields", "checks", "identity"})
