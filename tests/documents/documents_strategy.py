"""A document model → a hypothesis strategy of plain values, by walking the model's outline."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import strategies as st

from etl.documents.code_tables import table
from etl.documents.outline import Node, outline
from etl.documents.parts import Part

_CONTROLS = "".join(map(chr, [*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF]))
TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=_CONTROLS), min_size=1, max_size=12
)
CODE = st.text(st.sampled_from("ABCÅäé_-<&>\"'019"), min_size=1, max_size=8)
AMOUNT = st.fixed_dictionaries(
    {
        "sum": st.decimals(0, 10**9, allow_nan=False, places=4)
        | st.from_regex(re.compile(r"[0-9]{1,14}(\.([0-9]{1,2}|[0-9]{4,6}))?", re.ASCII), fullmatch=True),
        "currency": st.sampled_from(sorted(table("currency"))),
    }
)
WRAPPED = CODE.map(lambda code: {"value": code, "desc": "ignored"})


def values_of(model: type[Part]) -> st.SearchStrategy[dict[str, Any]]:
    """Values that `model` accepts: required fields always, each of the others or not."""
    required: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for node in outline(model):
        if node.leaf is None or not node.leaf.output_only:
            if node.required:
                required[node.name] = _member(node).filter(_speaks)
            else:
                optional[node.name] = _member(node)
    for name in model.one_group_of[-1] if model.one_group_of else ():
        required[name] = optional.pop(name).filter(_speaks)
    for name, companion in model.goes_with.items():
        required[name] = optional.pop(name)
        required[companion] = optional.pop(companion).filter(_speaks)
    return st.fixed_dictionaries(required, optional=optional)


def _member(node: Node) -> st.SearchStrategy[Any]:
    if node.form == "amount":
        return AMOUNT
    if node.form == "list":
        return st.lists(values_of(node.model) if node.model else TEXT, max_size=2)
    return values_of(node.model) if node.model else _leaf(node)


def _leaf(node: Node) -> st.SearchStrategy[Any]:
    assert node.leaf is not None
    if node.leaf.choices:
        return st.sampled_from(node.leaf.choices)
    match node.leaf.kind:
        case "boolean":
            return st.sampled_from([True, False, "true", "false"])
        case "integer":
            return st.integers(node.leaf.minimum or 0, 2**31 - 1) | st.integers(1, 99).map(str)
        case "date":
            return st.dates() | st.dates().map(lambda day: f"{day.isoformat()}Z")
        case "decimal":
            return st.decimals(0, 100, places=3)
        case "code":
            return CODE | WRAPPED
    return TEXT


def _speaks(value: Any) -> bool:
    """Blanks only count as empty, which a required field must not be."""
    return bool(value.strip()) if isinstance(value, str) else True
