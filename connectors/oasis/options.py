"""What a mapping may say about OASIS's files → checked options."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from connectors.delimited_orders import DelimitedOptions
from connectors.order_marc.bibliography import FOUND
from connectors.order_marc.paths import path_of
from etl.plugin import Options

MarcEncoding = Literal["auto", "utf-8", "marc-8", "latin-1", "windows-1252"]


class OverlayOptions(Options):
    """The nightly file of brief MARC that fills what order lines lack."""

    path: str = Field(
        min_length=1,
        description="File, or pattern (brief/*.mrc), relative to the folder of the order file.",
    )
    match: tuple[Literal["isbn", "control_number"], ...] = Field(
        ("isbn", "control_number"), min_length=1, description="Match points, best first."
    )
    missing: Literal["warn", "refuse"] = Field(
        "warn", description="No such file, or an unusable one: read the orders as they are, or do not."
    )
    encoding: MarcEncoding = Field("auto", description="Of ISO 2709, as marc_encoding.")


class OasisOptions(DelimitedOptions):
    """The options of all order connectors; `columns` takes MARC paths for order-level MARC."""

    layout: Literal["auto", "oasis_marc", "oasis_order", "oasis_answer"] = Field(
        "auto", description="Name of the layout; auto: recognised by the file's content."
    )
    order_field: str | None = Field(
        "960",
        pattern=r"^[0-9A-Za-z]{3}$",
        description="oasis_marc: the field that is an order block; null: the record as a whole is one.",
    )
    no_order_field: Literal["reject", "one"] = Field(
        "reject", description="oasis_marc: a record without order_field is rejected, or an order of one copy."
    )
    blocks: Literal["placements", "lines"] = Field(
        "placements",
        description="oasis_marc: several order blocks are the places of one line, or a line each (lines).",
    )
    marc_encoding: MarcEncoding = Field(
        "auto", description="oasis_marc in ISO 2709. auto: by leader/09, the bytes and the letters they make."
    )
    overlay: OverlayOptions | None = Field(
        None, description="A second file, of brief MARC, that fills the metadata the order lines lack."
    )
    max_document_bytes: int = Field(
        1 << 20, ge=1024, description="A longer JSON document is rejected; bounds the memory used."
    )

    @model_validator(mode="after")
    def _aliases_are_paths(self) -> OasisOptions:
        if self.layout == "oasis_marc":
            for name, wrong in not_paths(self):
                raise ValueError(f'column "{name}": "{wrong}" is no MARC path, such as 960$o')
        return self


def not_paths(options: OasisOptions) -> list[tuple[str, str]]:
    """(column, field) of those that name nothing in a MARC record, under any of their names."""
    wrong = []
    for name, aliases in options.columns.items():
        said = [aliases] if isinstance(aliases, str) else aliases
        if not any(alias in FOUND or path_of(alias) for alias in said):
            wrong.append((name, ", ".join(said)))
    return wrong
