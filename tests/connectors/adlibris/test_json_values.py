"""JSON is read exactly, with the place of every list member; what is wrong is told with its place."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.formats.json_values import BrokenJson, JsonList, JsonReader, json_text

BROKEN = {
    "": ("E370", 0),
    "{": ("E370", 1),
    '{"a" 1}': ("E370", 5),
    '{"a": 1,}': ("E370", 8),
    "{a: 1}": ("E370", 1),
    '{"a": 1} x': ("E370", 9),
    '{"a": "x': ("E370", 6),
    '{"a": "\\x"}': ("E370", 7),
    "[1, 2": ("E370", 5),
    "NaN": ("E370", 0),
    "01": ("E370", 1),
    "+1": ("E370", 0),
    "tru": ("E370", 0),
    "[" * 65: ("E372", 64),
    "1" * 101: ("E372", 0),
}


@pytest.mark.parametrize("text", BROKEN, ids=range(len(BROKEN)))
def test_where_json_breaks_off(text: str) -> None:
    with pytest.raises(BrokenJson) as broken:
        JsonReader(text).read()
    assert (broken.value.code, broken.value.position) == BROKEN[text]


def test_numbers_are_exact() -> None:
    value = JsonReader('{"PriceIncVAT": 294.0016, "Price": 1e2, "VAT": 6}').read()
    assert value == {"PriceIncVAT": Decimal("294.0016"), "Price": Decimal("1e2"), "VAT": Decimal(6)}


def test_members_of_a_list_know_their_place() -> None:
    text = '{"rader": [ {"a": 1},\n{"b": "å"} ]}'
    value = JsonReader(text).read()
    assert isinstance(value, dict)
    rader = value["rader"]
    assert isinstance(rader, JsonList)
    assert [text[start:end] for start, end in rader.spans] == ['{"a": 1}', '{"b": "å"}']


@pytest.mark.parametrize(
    ("text", "code"), [('{"a": 1, "a": 1}', "E371"), ('["\\ud800"]', "E370"), ('["a\\u0000"]', "E314")]
)
def test_what_is_wrong_in_one_part_does_not_stop_the_rest(text: str, code: str) -> None:
    reader = JsonReader(f'{{"good": 1, "bad": {text}}}')
    reader.read()
    assert [(position >= 20, trouble.code) for position, trouble in reader.troubles] == [(True, code)]


def test_text_is_in_nfc() -> None:
    assert JsonReader('"A\u030aland"').read() == "Åland"


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text(st.characters(exclude_categories=["Cs"], max_codepoint=0x2FF)),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("åäöabc"), inner, max_size=4),
        max_leaves=20,
    )
)
def test_values_are_those_of_json(value: object) -> None:
    text = json.dumps(value)
    assert (
        json.loads(
            json_text(JsonReader(text).read()) if not isinstance(value, str) and value is not None else text
        )
        == value
    )
