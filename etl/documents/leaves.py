"""Readers of values → the leaf types that the models are declared with, and their field declarations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import Field, PlainValidator

from etl.documents.code_tables import table
from etl.documents.damaged_text import mending
from etl.documents.values import code, day, filled_by_alma, flag, one_of, spelt, text, text_up_to, whole
from etl.plugin import Kind


@dataclass(frozen=True, slots=True)
class Leaf:
    """What introspection needs to know about a leaf type.

    `wrapped` leaves are `{"value": …}` in JSON (Alma's "string with attr."). `limit` is a length in
    characters, `minimum` the smallest whole number, `table` the code table the value should be in. `names`: a
    text that names something, as a code does.
    """

    kind: Kind
    wrapped: bool = False
    choices: tuple[str, ...] = ()
    limit: int | None = None
    minimum: int | None = None
    output_only: bool = False
    table: str = ""
    names: bool = False


Text = Annotated[str, Leaf("text"), PlainValidator(mending(one_line=True))]
"""A text of one line, such as a title."""
LongText = Annotated[str, Leaf("text"), PlainValidator(mending(one_line=False))]
Code = Annotated[str, Leaf("code", wrapped=True), PlainValidator(spelt(code))]
LineType = Annotated[str, Leaf("code", True, table="purchase_type"), PlainValidator(spelt(code))]
Acquisition = Annotated[str, Leaf("code", True, table="acquisition_method"), PlainValidator(spelt(code))]
Material = Annotated[str, Leaf("code", True, table="physical_material_type"), PlainValidator(spelt(code))]
Reference = Annotated[str, Leaf("text", names=True), PlainValidator(spelt(text))]
"""A number or plain code that names something: spelt as codes are."""

Mms = Code  # Alma's record number: {"value", "link"} instead of {"value", "desc"}, else the same
Day = Annotated[date, Leaf("date"), PlainValidator(day)]
Flag = Annotated[bool, Leaf("boolean"), PlainValidator(flag)]

Quantity = Annotated[int, Leaf("integer", minimum=1), PlainValidator(whole(1))]
Days = Annotated[int, Leaf("integer", minimum=0), PlainValidator(whole(0))]
RenewalNote = Annotated[str, Leaf("text", limit=4000), PlainValidator(text_up_to(4000))]

_STATES = ("ACTIVE", "INACTIVE")
_FORMATS, _KINDS = tuple(table("pr_format")), tuple(table("pr_citation_type"))
BaseStatus = Annotated[str, Leaf("choice", False, _STATES), PlainValidator(spelt(text, one_of(_STATES)))]
RequestFormat = Annotated[
    str,
    Leaf("choice", True, _FORMATS, table="pr_format"),
    PlainValidator(spelt(code, one_of(_FORMATS, "60270 Requested format is not valid."))),
]
CitationType = Annotated[
    str,
    Leaf("choice", True, _KINDS, table="pr_citation_type"),
    PlainValidator(spelt(code, one_of(_KINDS, "60280 Purchase request citation not valid."))),
]

# Fields that Alma fills: they have a place and a meaning, but take no value (E501).
FilledText = Annotated[None, Leaf("text", output_only=True), PlainValidator(filled_by_alma)]
FilledCode = Annotated[None, Leaf("code", output_only=True), PlainValidator(filled_by_alma)]
FilledDay = Annotated[None, Leaf("date", output_only=True), PlainValidator(filled_by_alma)]
FilledList = Annotated[None, Leaf("list", output_only=True), PlainValidator(filled_by_alma)]
FilledObject = Annotated[None, Leaf("object", output_only=True), PlainValidator(filled_by_alma)]


def optional(meaning: str, **more: Any) -> Any:
    """A field that may be absent (None), with its meaning."""
    return Field(default=None, description=meaning, **more)


def required(meaning: str, **more: Any) -> Any:
    """A field that must be given, with its meaning."""
    return Field(description=meaning, **more)


def listed(meaning: str, wrapper: str, alias: str | None = None) -> Any:
    """A list that may be empty. `wrapper` is the XML element around its items."""
    return Field(default=(), description=meaning, alias=alias, json_schema_extra={"wrapper": wrapper})


def filled_list(meaning: str, wrapper: str) -> Any:
    """A list that Alma fills, with its XML wrapper element."""
    return optional(meaning, json_schema_extra={"wrapper": wrapper})
