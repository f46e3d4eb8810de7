"""A vendor's file layout, as data → the profile its lines are read by.

A layout is a TOML file beside this module:

    name = "bokus_order"
    title = "Bokus order confirmation (CSV)"
    delimiter = ";"                                     # whatever the format's reader wants to know
    one_of = [["isbn", "title_number"]]                 # at least one of each group has to be there
    constants = {supplier = "Bokus"}                    # true of every line, whatever the file says
    unconcerned = {Sidor = "length of the book"}        # fields that do not concern an order, and why
    signature = ["Kundnr", "Ordernr", "Artikelnr"]      # fields by which  layout: auto  recognises it

    [columns]                                           # neutral column → where it comes from
    account = {aliases = ["Kundnr", "Kundnummer"], required = true}
    unit_price = {aliases = ["Pris exkl moms"], format = "money comma"}

Aliases are compared folded (case, accents, blanks and punctuation ignored); the first that has a value wins.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from connectors.formats.header import fold
from connectors.layouts.values import Format, find_format
from connectors.order_line import KINDS

_BY_KIND = {
    "text": "text",
    "integer": "integer",
    "boolean": "yes_no",
    "decimal": "money comma",
    "date": "date iso",
}
_IDENTIFIERS = frozenset(
    [
        "account",
        "order_id",
        "line_no",
        "reference",
        "reference_line",
        "article_no",
        "isbn",
        "ean",
        "issn",
        "title_number",
        "external_no",
        "title_id",
    ]
)
_NOT_PARSED = frozenset({"source", "raw", "placements", "system_numbers"})
PARSED = tuple(name for name in KINDS if name not in _NOT_PARSED)
"""The neutral columns that a layout can fill."""


class ColumnLayout(BaseModel):
    """Where one neutral column comes from and how it is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    aliases: tuple[str, ...] = ()
    format: str = ""
    default: str = ""
    required: bool = False
    ranked: bool = False
    """Its fields are of different rank, not spellings of one name: see Layout.ranked."""
    table: Mapping[str, str] = Field(default_factory=dict)
    """The vendor's word (compared folded) → the text to parse in its place; other words stay as they are."""

    @field_validator("format")
    @classmethod
    def _exists(cls, value: str) -> str:
        if value:
            find_format(value)
        return value


class Layout(BaseModel):
    """One way in which one vendor writes its order lines."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str
    encodings: tuple[str, ...] = ("utf-8", "windows-1252")
    """In the order they are tried, strictly; only the last may be one that has a character for every byte."""
    delimiter: str = ""
    one_of: tuple[tuple[str, ...], ...] = ()
    signature: tuple[str, ...] = ()
    constants: Mapping[str, str | bool] = Field(default_factory=dict)
    article_no_is_isbn_or_ean: bool = False
    """Fill isbn or ean, where they are missing, from an article number that has the form of one."""
    ranked: bool = False
    """The fields of a column are places of different rank, not spellings: what stands in a lower one goes
    unused where a higher one is filled."""
    with_vat: tuple[str, ...] = ()
    """Fields that have the price of a copy once more, VAT included: compared, not read."""
    unconcerned: Mapping[str, str] = Field(default_factory=dict)
    """Field, or pattern → why it does not concern an order: nothing tells of it. Everything else that no
    column takes is told."""
    columns: Mapping[str, ColumnLayout]

    @model_validator(mode="after")
    def _fits_the_order_line(self) -> Layout:
        for name in (*self.columns, *self.constants, *(name for group in self.one_of for name in group)):
            check_column(name)
        for name, column in self.columns.items():
            check_format(name, column.format)
        return self

    def format_of(self, name: str) -> Format:
        """How the column is written: as declared, or by its kind. The decimal mark of the prices is that of
        copies too.
        """
        declared = self.columns[name].format or usual_format(name)
        price = self.columns.get("unit_price")
        style = price.format.removeprefix("money ").partition(" ")[0] if price else ""
        if declared == "integer" and style in ("comma", "dot"):
            declared = f"integer {style}"
        return find_format(declared)

    def value_of(self, name: str, text: str) -> object:
        """The text as the column reads it; it is not blank. Raises Unreadable."""
        table = self.columns[name].table
        said = fold(text) if table else ""
        plain = next((value for word, value in table.items() if fold(word) == said), text)
        return self.format_of(name).reader(plain)

    def adapted(
        self,
        columns: Mapping[str, Iterable[str]],
        formats: Mapping[str, str],
        defaults: Mapping[str, str],
    ) -> Layout:
        """The layout with a customer's own field names (in place of the aliases), formats and defaults."""
        changed = dict(self.columns)
        for name in dict.fromkeys((*columns, *formats, *defaults)):
            old = changed.get(name, ColumnLayout())
            own = {"aliases": tuple(columns[name])} if name in columns else {}
            form = {"format": formats[name]} if name in formats else {}
            filled = {"default": defaults[name]} if name in defaults else {}
            changed[name] = old.model_copy(update={**own, **form, **filled})
        constants = {
            name: value
            for name, value in self.constants.items()
            if name not in columns and name not in defaults
        }
        return self.model_copy(update={"columns": changed, "constants": constants})


def usual_format(name: str) -> str:
    """The format of a neutral column that declares none."""
    if name in _IDENTIFIERS:
        return "identifier"
    if name.endswith("_percent"):
        return "percent"
    return "record_supplier" if name == "record_supplier" else _BY_KIND[str(KINDS[name])]


def check_column(name: str) -> None:
    """Raises ValueError unless a layout can fill this neutral column."""
    if name not in PARSED:
        raise ValueError(f'"{name}" is no column of the order line; there are: {", ".join(PARSED)}')


def check_format(name: str, declared: str) -> None:
    """Raises ValueError for an unknown format, or one that does not give what the column holds."""
    kind = find_format(declared).kind if declared else ""
    wanted = KINDS[name]
    if kind and kind != ("money" if wanted == "decimal" and kind == "money" else wanted):
        raise ValueError(f'the format "{declared}" gives {kind}, and the column "{name}" holds {wanted}')


@lru_cache(maxsize=32)
def load_layouts(vendor: str) -> Mapping[str, Layout]:
    """Every layout of a vendor, by name, from the files `<vendor>.toml` and `<vendor>_*.toml`."""
    found: dict[str, Layout] = {}
    for entry in sorted(files(__package__).iterdir(), key=lambda entry: entry.name):
        stem = entry.name.removesuffix(".toml")
        if entry.name.endswith(".toml") and (stem == vendor or stem.startswith(f"{vendor}_")):
            layout = Layout.model_validate(tomllib.loads(entry.read_text(encoding="utf-8")))
            found[layout.name] = layout
    return found


def folded(names: Iterable[str]) -> frozenset[str]:
    """Field names in the form in which they are compared."""
    return frozenset(fold(name) for name in names)
