"""Whatever comes in, the answer is a document or a list of faults, never an exception."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from etl.documents.targets import PoLineTarget, PurchaseRequestTarget
from etl.plugin import Fault, Shape

LINE, REQUEST = PoLineTarget(), PurchaseRequestTarget()
SETTINGS = settings(max_examples=150)


def names(shape: Shape) -> set[str]:
    below = [shape.item] if shape.item else list(shape.members.values())
    return {shape.name}.union(*map(names, below))


NAMES = st.sampled_from(sorted(names(LINE.shape) | names(REQUEST.shape) | {"value", "desc", "link", "x"}))
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text(max_size=5)
    | st.dates() | st.datetimes() | st.binary(max_size=3) | st.just(10**300)
)  # fmt: skip
GARBAGE = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=20,
)


def is_answer(answer: object) -> bool:
    if isinstance(answer, list):
        return bool(answer) and all(isinstance(fault, Fault) and fault.message for fault in answer)
    return isinstance(answer, BaseModel)


@SETTINGS
@given(values=st.dictionaries(NAMES, GARBAGE, max_size=8))
def test_build(values: dict[str, Any]) -> None:
    assert is_answer(LINE.build(values))
    assert is_answer(REQUEST.build(values))


TAGS = st.sampled_from(
    ["po_line", "owner", "notes", "note", "price", "sum", "copies", "x", "!DOCTYPE a", "?pi"]
)
MARKUP = st.lists(
    TAGS.map(lambda tag: f"<{tag}>") | TAGS.map(lambda tag: f"</{tag}>") | st.text(max_size=3), max_size=12
).map(lambda parts: f"<po_line>{''.join(parts)}</po_line>".encode(errors="surrogatepass"))


@SETTINGS
@given(payload=st.binary(max_size=40) | MARKUP | st.text(max_size=20).map(str.encode))
def test_parse(payload: bytes) -> None:
    assert is_answer(LINE.parse(payload))


@SETTINGS
@given(path=st.lists(NAMES, min_size=1, max_size=3).map(tuple), value=st.text(max_size=6))
def test_check_constant(path: tuple[str, ...], value: str) -> None:
    for target in (LINE, REQUEST):
        fault = target.check_constant(path, value)
        assert fault is None or (fault.path == path and fault.message)
