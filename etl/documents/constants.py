"""A constant written in a mapping → what is wrong with it for the field it is meant for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError

from etl.documents.code_check import (
    check_acquisition_method,
    check_currency,
    check_material_type,
    check_type,
)
from etl.documents.empties import Path
from etl.documents.faults import faults_of, misshapen, unknown
from etl.documents.outline import Node, node_at
from etl.documents.parts import Part
from etl.normal_form import is_blank
from etl.plugin import Fault

_CHECKS: dict[str, Callable[[str, Path], Fault | None]] = {
    "acquisition_method": check_acquisition_method,
    "currency": check_currency,
    "physical_material_type": check_material_type,
    "purchase_type": check_type,
}
"""By code table."""


def check_constant(model: type[Part], path: tuple[str, ...], value: str) -> Fault | None:
    """Is `value` right for the leaf at `path`? None: yes, or empty, which means absent."""
    node = node_at(model, path)
    if node is None:
        return unknown(model, path)
    if is_blank(value):
        return None
    if node.leaf is None:
        return misshapen(model, path, value)
    try:
        _adapter(node).validate_python(value)
    except ValidationError as error:
        return replace(next(faults_of(error, model)), path=path)
    check = _CHECKS.get(node.leaf.table)
    return check(value, path) if check else None


@cache
def _adapter(node: Node) -> TypeAdapter[Any]:
    return TypeAdapter(get_args(node.type)[0] if node.form == "list" else node.type)
