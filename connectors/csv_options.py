"""How a delimited file or a workbook is written: the options of the connector `csv`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from connectors.formats.delimited_layout import Declared
from connectors.formats.own_pattern import OwnPattern
from connectors.formats.sheet_besides import Besides
from connectors.formats.text_encoding import check_codec
from etl.plugin import Options

RESERVED_NAMES = frozenset({"_record", "_line", "_offset"})


class CsvOptions(Options):
    """How the file is written. Everything has a default that fits what Excel and web shops write."""

    delimiter: str = Field("auto", description='What separates cells: auto, one character, or "tab".')
    quote: str = Field('"', description='The quote around cells, one character, or "none".')
    encoding: str = Field(
        "auto", description="auto, or a Python codec name such as utf-8, windows-1252, cp850."
    )
    fallback_encoding: str = Field(
        "windows-1252", description="With encoding auto: the 8-bit set to read what is not UTF-8."
    )
    header: bool = Field(
        True, description="Whether the first row names the columns; else they are column_1, column_2 …"
    )
    skip_lines: int = Field(
        0, ge=0, description="Lines above the header (or above the first row) to pass over."
    )
    skip_pattern: str | None = Field(
        None,
        description="Regular expression; rows in which it is found (^Summa) are skipped and counted. It "
        "is looked for in the row as it stands, of a workbook in its cells with ; between them: a total in "
        "the third column is found by ^;;Summa.",
    )
    columns: dict[str, str | list[str]] = Field(
        default_factory=dict,
        description="New column name → header name, or several: the first filled is read; two at odds wait.",
    )
    sheet: str | int | None = Field(
        None,
        description="Of a workbook (.xlsx, .xls, .ods): the sheet's name, or its number from 1. Not needed "
        "where only one has something in it.",
    )
    hidden_rows: Literal["hold", "read", "skip"] = Field(
        "hold",
        description="Of a workbook: what becomes of rows that are hidden, filtered away or folded in. hold: "
        "a person decides; read: as the others; skip: they are passed over and counted.",
    )
    struck_rows: Literal["hold", "read", "skip"] = Field(
        "hold",
        description="Of a workbook: what becomes of rows that are struck through. A single cell that is, "
        "in a column that is read, has its row wait, unless they are read.",
    )
    comments: Literal["hold", "ignore"] = Field(
        "hold",
        description="Of a workbook: whether a row waits for a person because somebody wrote a comment beside "
        "one of its cells.",
    )
    unread_sheets: list[str] = Field(
        default_factory=list,
        description="Of a workbook: names of sheets that are left unread on purpose. Any other that has the "
        "columns of the one that is read is told.",
    )
    max_record_bytes: int = Field(
        1 << 20, ge=64, description="A longer record is rejected; bounds the memory used."
    )

    @field_validator("delimiter")
    @classmethod
    def _one_delimiter(cls, value: str) -> str:
        character = {"tab": "\t", "\\t": "\t"}.get(value, value)
        if value != "auto" and (len(character) != 1 or character in '\r\n\0"'):
            raise ValueError(f'write auto, tab or one character, not "{value}"')
        return character

    @field_validator("quote")
    @classmethod
    def _one_quote(cls, value: str) -> str:
        if value != "none" and (len(value) != 1 or value in "\r\n\0 "):
            raise ValueError(f'write one character or none, not "{value}"')
        return value

    @field_validator("encoding", "fallback_encoding")
    @classmethod
    def _known_codec(cls, value: str, info: object) -> str:
        return (
            value if value == "auto" and getattr(info, "field_name", "") == "encoding" else check_codec(value)
        )

    @field_validator("skip_pattern")
    @classmethod
    def _compiles(cls, value: str | None) -> str | None:
        if value is not None and OwnPattern(value).search("") is not None:
            raise ValueError(f'"{value}" is found in every row, also in an empty one')
        return value

    @field_validator("columns")
    @classmethod
    def _named(cls, value: dict[str, str | list[str]]) -> dict[str, str | list[str]]:
        for name, aliases in value.items():
            if name in RESERVED_NAMES or not name.strip():
                raise ValueError(f'"{name}" cannot be a column name')
            listed = [aliases] if isinstance(aliases, str) else aliases
            if not listed or not all(alias.strip() for alias in listed):
                raise ValueError(f'the column "{name}" needs a header name, or a list of them')
        return value

    def besides(self) -> Besides:
        """What to think of the rest of a workbook."""
        return Besides(self.declared(), self.unread_sheets, self.comments == "hold")

    def declared(self) -> Declared:
        """The same for the reader, which knows nothing of option models."""
        return Declared(
            encoding=self.encoding,
            fallback_encoding=self.fallback_encoding,
            delimiter=self.delimiter,
            quote=None if self.quote == "none" else self.quote,
            header=self.header,
            skip_lines=self.skip_lines,
            limit=self.max_record_bytes,
            columns={k: [v] if isinstance(v, str) else v for k, v in self.columns.items()},
        )
