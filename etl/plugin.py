"""The one door for people who add a connector, target, sink or filter.

Built-ins come in by it too. An extension is a class (or, for filters, a function) named in an entry
point of one of the groups `etl.connectors`, `etl.targets`, `etl.sinks`, `etl.filters`; each kind has
a conformance suite in `etl.testing`.

A filter is a plain function `f(value, *arguments)`. It answers None for None and for empty text, so
that a missing value stays missing; it looks at its arguments before it looks at the value, so that
wrong constant arguments are found before the first record; it raises `BadArgument` for the former
and `BadValue` for the latter. Its docstring carries examples, which are executed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core.core_schema import ValidationInfo

from etl.columns import ColumnKind, Columns, Counted, Evidence
from etl.identity import Identity, RecordOrigin
from etl.identity import nothing_arrives as _nothing_arrives
from etl.no_day import is_no_day
from etl.normal_form import normal_form, normalized
from etl.plain_answer import plain_answer
from etl.problems import DataPlace, Problem, Refusal, Severity
from etl.records import Batch, NumberCell, Rejected, Source, Unread
from etl.regular_files import Unseen, look_for, open_file
from etl.totals import Totals

__all__ = [
    "BadArgument",
    "BadValue",
    "Batch",
    "ColumnKind",
    "Columns",
    "Connector",
    "Counted",
    "DataPlace",
    "Evidence",
    "Fault",
    "Finding",
    "Identity",
    "Item",
    "NotRepeated",
    "NumberCell",
    "Options",
    "Problem",
    "Receipt",
    "RecordOrigin",
    "Refusal",
    "Rejected",
    "Severity",
    "Shape",
    "Sink",
    "SinkOptions",
    "Source",
    "Target",
    "Totals",
    "Unread",
    "Unseen",
    "is_no_day",
    "look_for",
    "normal_form",
    "normalized",
    "open_file",
    "plain_answer",
]


class NotRepeated(ValueError):  # noqa: N818 - read aloud in validators
    """A bad option whose value no message may show: it might be a secret in the wrong place."""


class Options(BaseModel):
    """Base of every options model: unknown names refused, YAML 1.2 booleans only (`no` is text)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*", mode="before")
    @classmethod
    def _no_is_text(cls, value: object, info: ValidationInfo) -> object:
        declared = cls.model_fields[info.field_name or ""].annotation
        if declared is bool and isinstance(value, str) and value not in ("true", "false"):
            raise ValueError("write true or false")
        return value


# ---------------------------------------------------------------------------------------- connectors


class Connector(ABC):
    """Bytes → batches. No network beyond the source, no Alma, no record dropped."""

    name: ClassVar[str]
    summary: ClassVar[str]
    Options: ClassVar[type[Options]] = Options
    identity: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Which of its columns say what an order line is known by: vendor, order, line, titles, barcodes →
    columns (of a list of groups: the list's and the member's name, with a dot between).
    """
    guide: ClassVar[str] = ""
    """What one must know to write its options and they do not say: Markdown, shown by `etl list`."""

    @abstractmethod
    def columns(self, options: Any, source: Source | None) -> Columns:
        """The columns, as far as they can be known: from the options, and from `source` if given.

        Raises Refusal when the source cannot be read at all.
        """

    @classmethod
    def columns_by_default(cls) -> Columns | None:
        """Those with the options as they are by default, whatever the file; None where an option must be
        given.
        """
        try:
            return cls().columns(cls.Options(), None)
        except (Refusal, ValidationError):
            return None

    @abstractmethod
    def read(self, source: Source, options: Any, wanted: frozenset[str] | None) -> Iterator[Batch]:
        """Every record of the source, in order, as a row or as a Rejected.

        `wanted` are columns the mapping reads (None: all), each one of `columns`; others need not be
        produced. Memory is bounded by the batch, not by the file. A file that turns out not to be whole is
        told by a problem `Rejected.NOT_WHOLE`. Raises Refusal when the file as a whole is unusable.
        """

    def inspect(self, source: Source, options: Any) -> dict[str, str]:
        """What was found out about the file (encoding, delimiter …), for `etl inspect`."""
        del source, options
        return {}

    def recognise(self, source: Source) -> Evidence:
        """What in the content says that this is a file for this connector, with its options as they are by
        default. Raises Refusal when it is none.
        """
        options = self.Options()
        self.columns(options, source)
        return Evidence(next(iter(self.inspect(source, options).values()), "it can be read"))

    def parts(self, source: Source, options: Any) -> tuple[list[Counted], Mapping[str, Any]]:
        """What records hold that options have to name before it is a column, and a draft of those options."""
        del source, options
        return [], {}


# ------------------------------------------------------------------------------------------- filters


class BadValue(ValueError):  # noqa: N818 - read aloud in mappings, not in tracebacks
    """A filter cannot use this value: the record is rejected with this code, message and help."""

    def __init__(self, code: str, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.help = code, message, help


class BadArgument(ValueError):  # noqa: N818
    """A filter was given an argument that no value could make right (an unknown locale, say)."""

    def __init__(self, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.message, self.help = message, help


# ------------------------------------------------------------------------------------------- targets

Kind = Literal["text", "code", "decimal", "date", "boolean", "integer", "choice", "object", "list"]


@dataclass(frozen=True, slots=True)
class Shape:
    """One node of a target document, as the mapping author sees it (codes plain, lists as lists).

    `codes`: those that are known for it, with what each means; `other_codes`: may there be others?
    """

    name: str
    kind: Kind
    doc: str = ""
    required: bool = False
    output_only: bool = False
    members: Mapping[str, Shape] = field(default_factory=dict)
    item: Shape | None = None
    codes: Mapping[str, str] = field(default_factory=dict)
    other_codes: bool = True


@dataclass(frozen=True, slots=True)
class Fault:
    """A value the target cannot take. `path` is where it stood: ("location", 0, "quantity")."""

    path: tuple[str | int, ...]
    code: str
    message: str
    help: str | None = None
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason for a predicted outcome: Alma refuses, a person has to look before it is sent ("held"), Alma
    parks in review, something is odd, or merely worth a remark.
    """

    outcome: Literal["refused", "held", "review", "note", "remark"]
    code: str
    message: str
    path: tuple[str | int, ...] = ()
    alma_code: str | None = None
    help: str | None = None

    @property
    def severity(self) -> Severity:
        """What it costs the document: "review" and "note" are warnings, "remark" is a note."""
        of = {"refused": Severity.ERROR, "held": Severity.HOLD, "remark": Severity.NOTE}
        return of.get(self.outcome, Severity.WARNING)


class Target(ABC):
    """Plain values → a checked document → its payload bytes."""

    name: ClassVar[str]
    summary: ClassVar[str]
    needs_user: ClassVar[bool] = False
    shape: ClassVar[Shape]
    one_of: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """Groups of dotted fields of which a document needs at least one (a title or a record number)."""
    unique_in_run: ClassVar[tuple[str, ...]] = ()
    """Top-level fields whose value should not repeat within one run (a note if it does)."""
    open_codes: ClassVar[frozenset[str]] = frozenset()
    """Fault codes of `check_constant` that only warn: tables an institution may have extended."""

    @abstractmethod
    def build(
        self, values: Mapping[str, Any], respelt: Counter[str] | None = None
    ) -> BaseModel | list[Fault]:
        """Plain values as a mapping writes them → the document, or everything wrong with them.

        Codes and references are sent in their normal form; `respelt` counts the fields where it was another.
        """

    @abstractmethod
    def check_constant(self, path: tuple[str, ...], value: str) -> Fault | None:
        """Is this constant right for the leaf at `path` (list positions left out)? None: yes."""

    @abstractmethod
    def predict(self, document: BaseModel) -> list[Finding]:
        """What Alma would do with it."""

    @abstractmethod
    def payload(self, document: BaseModel, form: Literal["json", "json-line", "xml"]) -> bytes:
        """The canonical bytes: the one function behind snapshots, files and HTTP bodies."""

    @abstractmethod
    def parse(self, payload: bytes, *, returned: bool = False) -> BaseModel | list[Fault]:
        """Payload bytes (JSON or XML, Alma's own form) → the document, or everything wrong with them.
        `returned`: they are what Alma answered, and what it filled is passed over.
        """

    @abstractmethod
    def totals(self, document: BaseModel) -> Totals:
        """Copies and money this document orders."""

    def identity(self, document: BaseModel) -> Identity:
        """What the document itself says of what is ordered: `titles`, numbers first and then the words of the
        title, and the `barcodes` of its items.
        """
        del document
        return Identity()

    def said(self, values: Mapping[str, Any]) -> Totals:
        """The same of values that are no document yet, because what it requires is missing: as far as they
        say it.
        """
        del values
        return Totals()

    @abstractmethod
    def json_schema(self) -> dict[str, Any]:
        """JSON Schema (2020-12) of the payload."""


# --------------------------------------------------------------------------------------------- sinks


@dataclass(frozen=True, slots=True)
class Item:
    """One document on its way out. `instead_of`: the mapping's payload that a person corrected into this.
    `identity` and `origin`: what else the order line is known by, and where it stood. `totals`: what it
    orders. `arriving`: the document of the same run that has a key, if one has.
    """

    key: tuple[str, ...]
    name: str
    payload: bytes
    target: str
    user: str | None = None
    instead_of: bytes | None = None
    identity: Identity = field(default_factory=Identity)
    origin: RecordOrigin | None = None
    totals: Totals = field(default_factory=Totals)
    arriving: Callable[[tuple[str, ...]], Item | None] = _nothing_arrives


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of an item. `where` is a path or Alma's number; equal `note`s are counted in the report."""

    key: tuple[str, ...]
    outcome: Literal[
        "written", "posted", "already posted", "dismissed", "refused", "held", "unknown", "not delivered"
    ]
    where: str = ""
    problem: Problem | None = None
    note: str = ""


class SinkOptions(Options):
    """Options every sink understands. `paths` names those that are paths."""

    paths: ClassVar[tuple[str, ...]] = ()

    format: Literal["json", "xml"] = Field(default="json", description="Form of the payloads")

    @classmethod
    def given_in(cls, folder: Path, given: Mapping[str, str]) -> dict[str, str]:
        """Options of a command line, with paths relative to where it was typed, not to the mapping."""
        return {
            name: str(folder / value) if name in cls.paths and value else value
            for name, value in given.items()
        }


class Sink(ABC):
    """Items → receipts, one each, in order; between them warnings that are about no item."""

    name: ClassVar[str]
    summary: ClassVar[str]
    Options: ClassVar[type[SinkOptions]] = SinkOptions
    keeps: ClassVar[bool] = True
    """False if what it is given is gone once it was shown: nothing is remembered of such a run."""
    sends: ClassVar[bool] = True
    """False if documents are only kept: then a run that stops has delivered nothing, whatever was written."""

    def form(self, options: Any) -> Literal["json", "json-line", "xml"]:
        """The payload form this sink wants."""
        form: Literal["json", "xml"] = options.format
        return form

    def own_ledger(self, options: Any) -> tuple[str, str] | None:
        """(ledger, relative to the base or a URL; name of the institution in it), of a sink that writes down
        itself what it sends. None: the run does, in a ledger beside its report, and hands over again at the
        next run what it handed over: a sink for which that would be a second order has a ledger.
        """
        del options
        return None

    def beforehand(self, options: Any, base: Path) -> list[Problem]:
        """Warnings that a person should see before anything is read. A Refusal ends the run."""
        del options, base
        return []

    def writes(self, options: Any) -> list[tuple[str, bool]]:
        """Files (and folders: True) it writes to, relative to the base it will be given. A run refuses to
        begin when one of them is, or is in, another place it needs.
        """
        del options
        return []

    def all_or_nothing(self, options: Any) -> bool:
        """True if receipts only hold once the iterator has ended well (one file, renamed at the end)."""
        del options
        return False

    @abstractmethod
    def deliver(self, items: Iterator[Item], options: Any, base: Path) -> Iterator[Receipt | Problem]:
        """Deliver each item. Relative paths in the options are relative to `base`.

        A sink finishes its work (renames, flushes) before the iterator ends; if the iterator is
        closed early it leaves no half-written file behind. Raises Refusal when it cannot begin.
        """
