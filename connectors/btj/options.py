"""What a mapping may say about BTJ's files → checked options."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from connectors.delimited_orders import DelimitedOptions
from connectors.formats.marc_path import parse_path
from connectors.order_line import PLACEMENT
from etl.plugin import Options

PRICES = (
    "UnitCostExcludingTax",
    "UnitCostIncludingTax",
    "FixedRPExcludingTax",
    "SRPExcludingTax",
    "FixedRPIncludingTax",
    "SRPIncludingTax",
)
_COPY_COLUMNS = frozenset(column.name for column in PLACEMENT)


class GluedCodes(Options):
    """The library's own codes, as BTJ has them on its order forms."""

    branches: tuple[str, ...] = Field(min_length=1, description="Branch codes: HUV, FIL.")
    locations: tuple[str, ...] = Field(min_length=1, description="Location codes: BARN, VUX.")
    year: bool = Field(True, description="Whether four digits of a year end the code.")

    @field_validator("branches", "locations")
    @classmethod
    def _not_empty(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(code.strip() for code in value):
            raise ValueError("a code is empty")
        return value


class BtjOptions(DelimitedOptions):
    """The options of all order connectors, and what BTJ's layouts leave open."""

    layout: Literal["auto", "btj_editx", "btj_orderbekraftelse", "btj_marc"] = Field(
        "auto", description="Name of the layout; auto: recognised by the file's content."
    )
    placements: Literal["locations", "lines"] = Field(
        "lines",
        description="lines: one row for each CopyDetail (each placement); locations: one row for each order "
        "line, with its placements as a list.",
    )
    prices: tuple[str, ...] = Field(
        PRICES,
        description="btj_editx: the PriceQualifierCodes in the order in which they are wanted; UnitCost… is "
        "net, others are list prices.",
    )
    glued: GluedCodes | None = Field(
        None,
        description="btj_editx: the codes of which DeliverToLocation (HUVBARN2024) is glued: {branches: "
        "[HUV], locations: [BARN], year: true}; a code of others stays whole, in location.",
    )
    copies: str | None = Field(
        "975",
        pattern=r"^[0-9A-Za-z]{3}$",
        description="btj_marc: the repeated field with the placements; null if there is none.",
    )
    copy_columns: dict[str, str] = Field(
        default_factory=lambda: {"library": "a", "location": "c", "quantity": "q", "fund": "h"},
        description="btj_marc: column of a placement → subfield code in that field.",
    )
    marc_encoding: Literal["auto", "utf-8", "marc-8", "latin-1", "windows-1252"] = Field(
        "auto",
        description="btj_marc in ISO 2709. auto: by leader/09, the bytes and the letters they make.",
    )

    @field_validator("copy_columns")
    @classmethod
    def _are_subfields(cls, value: dict[str, str]) -> dict[str, str]:
        for name, code in value.items():
            if name not in _COPY_COLUMNS:
                known = ", ".join(sorted(_COPY_COLUMNS))
                raise ValueError(f'"{name}" is no column of a placement; there are: {known}')
            if len(code) != 1:
                raise ValueError(f'"{code}" is no subfield code: write one character')
        return value

    @model_validator(mode="after")
    def _aliases_are_paths(self) -> BtjOptions:
        if self.layout == "btj_marc":
            for name, aliases in self.columns.items():
                for alias in [aliases] if isinstance(aliases, str) else aliases:
                    try:
                        parse_path(alias)
                    except ValueError as error:
                        raise ValueError(f'column "{name}": {error}') from error
        return self
