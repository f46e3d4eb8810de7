"""What a mapping may say about EDIFACT messages → checked options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, field_validator

from connectors.layouts import LayoutOptions
from connectors.order_line import PLACEMENT

PRICES = ("AAA", "AAB", "AAE", "AAF")
COPIES: Mapping[str, str | list[str]] = {
    "library": "LLO",
    "fund": "LFN",
    "location": "LSQ",
    "loan_period": "LST",
    "shelfmark": ["LSM", "LCL"],
    "quantity": "LQT",
    "fund_amount": "LCV",
    "barcode": "LAC",
    "note": ["LVT", "LCO"],
}
_COPY_COLUMNS = frozenset(column.name for column in PLACEMENT)


class EdifactOptions(LayoutOptions):
    """The options of all order connectors, and what the library profile leaves to agreement."""

    layout: Literal["auto", "edifact"] = Field("auto", description="There is one: edifact.")
    encoding: str = Field(
        "auto",
        description="auto: as UNB declares (UNOC: ISO 8859-1), unless the bytes show another; or a codec.",
    )
    prices: tuple[str, ...] = Field(
        PRICES,
        description="Price qualifiers (PRI) in the order in which they are wanted. AAA is net; AAB, AAE and "
        "AAF are list prices; AAE includes tax.",
    )
    copies: dict[str, str | list[str]] = Field(
        default_factory=lambda: dict(COPIES),
        description="Column of a placement → the code in GIR that fills it, or several, best first.",
    )
    counts: Literal["reject", "warn"] = Field(
        "reject",
        description="A message with fewer or more segments or lines than it says: reject it, or warn.",
    )

    @field_validator("copies")
    @classmethod
    def _are_columns(cls, value: dict[str, str | list[str]]) -> dict[str, str | list[str]]:
        for name in value:
            if name not in _COPY_COLUMNS:
                known = ", ".join(sorted(_COPY_COLUMNS))
                raise ValueError(f'"{name}" is no column of a placement; there are: {known}')
        return value
