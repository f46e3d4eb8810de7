"""What a mapping may say about a vendor's file → the options all order connectors share."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated, Literal

from pydantic import Field, WithJsonSchema, field_validator

from connectors.formats.text_encoding import check_codec
from connectors.layouts.layout import PARSED, Layout, check_format
from etl.plugin import Options

OrderColumn = Annotated[str, WithJsonSchema({"type": "string", "enum": list(PARSED)})]
"""A column that a layout can fill; editors offer them."""


class LayoutOptions(Options):
    """Everything has a default that fits what the vendor is known to send."""

    layout: str = Field("auto", description="Name of the layout; auto: recognised by the file's content.")
    columns: dict[OrderColumn, str | list[str]] = Field(
        default_factory=dict,
        description="Column of the order line → this customer's field name, or several, best first.",
    )
    formats: dict[OrderColumn, str] = Field(
        default_factory=dict,
        description='Column → how it is written: "money dot", "date DD.MM.YYYY, YYYYMMDD", percent, text …',
    )
    defaults: dict[OrderColumn, str] = Field(
        default_factory=dict,
        description="Column → what an empty one means, as the vendor would write it; uses are counted.",
    )
    encoding: str = Field(
        "auto", description="auto: as the layout says; or a codec name: utf-8, windows-1252, cp850."
    )
    placements: Literal["locations", "lines"] = Field(
        "locations",
        description="A line for several places: one row with a list, or one row per place (lines).",
    )

    @field_validator("encoding")
    @classmethod
    def _known_codec(cls, value: str) -> str:
        return value if value == "auto" else check_codec(value)

    @field_validator("defaults", mode="before")
    @classmethod
    def _as_the_vendor_writes(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        return {name: str(one).lower() if isinstance(one, bool) else one for name, one in value.items()}

    @field_validator("columns", "formats", "defaults")
    @classmethod
    def _known_columns(cls, value: dict[str, str | list[str]]) -> dict[str, str | list[str]]:
        for name in value:
            if name not in PARSED:
                near = get_close_matches(name, PARSED, n=1)
                tip = f'did you mean "{near[0]}"?' if near else f"there are: {', '.join(PARSED)}"
                raise ValueError(f'"{name}" is no column of the order line; {tip}')
        return value

    @field_validator("formats")
    @classmethod
    def _known_formats(cls, value: dict[str, str]) -> dict[str, str]:
        for name, declared in value.items():
            check_format(name, declared)
        return value

    def adapted(self, layout: Layout) -> Layout:
        """The layout as this mapping wants it."""
        named = {name: [alias] if isinstance(alias, str) else alias for name, alias in self.columns.items()}
        return layout.adapted(named, self.formats, self.defaults)
