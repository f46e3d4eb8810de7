"""A target and a good document's values → the promises every target makes, as tests.

    class TestInvoice(TargetSuite):
        target = InvoiceTarget()
        values = {"number": "F-1", "total": {"sum": "129.00", "currency": "SEK"}, "line": [{"text": "Bok"}]}

`values` are written as a mapping writes them (codes plain, all text) and should fill many fields, each
object and list among them.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from etl.plugin import Fault, Finding, Shape, Target, Totals
from etl.testing.shapes import (
    BAD,
    GOOD,
    leaves,
    places,
    schema_differences,
    shape_oddities,
)
from etl.testing.steady import STEADY

_FORMS: tuple[Literal["json", "json-line", "xml"], ...] = ("json", "json-line", "xml")
_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)
_NOISE = [
    b"",
    b" ",
    b"null",
    b"[]",
    b"{",
    b"{}",
    b"<",
    b"<a/>",
    b"\x00\xff",
    b'{"a": NaN}',
    b"[" * 5000,
    b"\xff\xfe<\x00",
]


class TargetSuite:
    """Subclass it, name the class Test…, and set `target` and `values`."""

    target: ClassVar[Target]
    values: ClassVar[Mapping[str, Any]]

    # ------------------------------------------------------------------------------- what it declares

    def test_has_a_name_and_a_summary(self) -> None:
        assert self.target.name.isidentifier()
        assert self.target.summary.strip()
        assert "\n" not in self.target.summary

    def test_its_shape_is_in_order(self) -> None:
        assert self.target.shape.kind == "object"
        assert list(shape_oddities(self.target.shape)) == []

    def test_what_it_says_about_fields_names_fields(self) -> None:
        paths = {".".join(path) for path, _ in leaves(self.target.shape)}
        for group in self.target.one_of:
            assert set(group) <= paths
        assert set(self.target.unique_in_run) <= set(self.target.shape.members)

    def test_its_schema_is_one(self) -> None:
        schema = self.target.json_schema()
        Draft202012Validator.check_schema(schema)
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert schema["additionalProperties"] is False

    def test_shape_and_schema_name_the_same_fields(self) -> None:
        assert list(schema_differences(self.target.shape, self.target.json_schema())) == []

    # ----------------------------------------------------------------------------------- what it builds

    def test_builds_a_good_document(self) -> None:
        assert isinstance(self._document(), BaseModel)

    def test_does_not_change_the_values(self) -> None:
        values = copy.deepcopy(dict(self.values))
        self.target.build(values)
        assert values == self.values

    def test_its_payload_fits_its_schema(self) -> None:
        payload = json.loads(self.target.payload(self._document(), "json"))
        errors = Draft202012Validator(self.target.json_schema()).iter_errors(payload)
        assert [f"{error.json_path}: {error.message}" for error in errors] == []

    def test_equal_documents_have_equal_bytes(self) -> None:
        backwards = dict(reversed(list(self.values.items())))
        for form in _FORMS:
            payload = self.target.payload(self._document(), form)
            assert self.target.payload(self._document(), form) == payload
            assert self.target.payload(self._built(backwards), form) == payload

    def test_payloads_are_utf_8_and_end_in_a_line_end(self) -> None:
        for form in _FORMS:
            text = self.target.payload(self._document(), form).decode("utf-8")
            assert text.endswith("\n")
            assert "\r" not in text
        assert self.target.payload(self._document(), "json-line").count(b"\n") == 1

    @pytest.mark.parametrize("form", _FORMS)
    def test_what_it_writes_it_reads(self, form: Literal["json", "json-line", "xml"]) -> None:
        payload = self.target.payload(self._document(), form)
        read = self.target.parse(payload)
        assert isinstance(read, BaseModel), read
        assert self.target.payload(read, form) == payload

    def test_empty_values_are_left_out(self) -> None:
        spare = [name for name in self.target.shape.members if name not in self.values]
        spare = [name for name in spare if not self.target.shape.members[name].output_only]
        empties: tuple[Any, ...] = (None, "", "  ", [], {})
        for empty in empties:
            document = self._built({**self.values, **dict.fromkeys(spare, empty)})
            assert self.target.payload(document, "json") == self.target.payload(self._document(), "json")

    # ----------------------------------------------------------------------------------- what it refuses

    def test_refuses_unknown_fields_at_every_place(self) -> None:
        for path in places(self.values):
            changed = copy.deepcopy(dict(self.values))
            at(changed, path)["no_such_field"] = "x"
            faults = self._faults(changed)
            assert (*path, "no_such_field") in [fault.path for fault in faults]

    def test_refuses_fields_that_are_not_ours_to_send(self) -> None:
        for name, shape in self.target.shape.members.items():
            if shape.output_only:
                assert [fault.path[0] for fault in self._faults({**self.values, name: "x"})] == [name]

    def test_misses_what_is_required(self) -> None:
        for name, shape in self.target.shape.members.items():
            if shape.required:
                empties: tuple[dict[str, Any], ...] = ({}, {name: ""}, {name: None})
                for empty in empties:
                    values = {key: value for key, value in self.values.items() if key != name} | empty
                    assert [one for one in self._faults(values) if one.missing and one.path[0] == name]

    def test_answers_whatever_a_field_is_given(self) -> None:
        @settings(STEADY, max_examples=200)
        @given(field=st.sampled_from(list(self.target.shape.members)), value=_ANYTHING)
        def check(field: str, value: object) -> None:
            built = self.target.build({**self.values, field: value})
            if isinstance(built, BaseModel):
                assert all(isinstance(finding, Finding) for finding in self.target.predict(built))
                assert self.target.parse(self.target.payload(built, "json")) == built
            else:
                check_faults(built)

        check()

    @pytest.mark.parametrize("noise", _NOISE, ids=lambda noise: repr(noise[:12]))
    def test_noise_is_no_document(self, noise: bytes) -> None:
        read = self.target.parse(noise)
        assert isinstance(read, list)
        check_faults(read)

    # --------------------------------------------------------------------------------------- constants

    def test_takes_right_constants_and_refuses_wrong_ones(self) -> None:
        for path, shape in leaves(self.target.shape):
            if not shape.output_only:
                self._check_leaf(path, shape)

    def test_refuses_constants_for_what_is_no_leaf(self) -> None:
        assert self.target.check_constant(("no_such_field",), "x") is not None
        for name, shape in self.target.shape.members.items():
            if shape.kind == "object":
                assert self.target.check_constant((name,), "x") is not None

    def _check_leaf(self, path: tuple[str, ...], shape: Shape) -> None:
        for good in GOOD.get(shape.kind, ()):
            fault = self.target.check_constant(path, good)
            assert fault is None or fault.code in self.target.open_codes, f"{'.'.join(path)}: {good!r}"
        for bad in BAD.get(shape.kind, ()):
            fault = self.target.check_constant(path, bad)
            assert fault is not None, f"{'.'.join(path)} takes {bad!r}"
            assert fault.path == path

    # ------------------------------------------------------------------------------------------ totals

    def test_totals_add_up(self) -> None:
        totals = self.target.totals(self._document())
        assert totals.copies >= 0
        assert totals + Totals() == totals
        assert (totals + totals).copies == 2 * totals.copies
        assert (totals + totals).money == {currency: 2 * amount for currency, amount in totals.money.items()}

    # ---------------------------------------------------------------------------------------- plumbing

    def _document(self) -> BaseModel:
        return self._built(self.values)

    def _built(self, values: Mapping[str, Any]) -> BaseModel:
        built = self.target.build(copy.deepcopy(dict(values)))
        assert isinstance(built, BaseModel), built
        return built

    def _faults(self, values: Mapping[str, Any]) -> list[Fault]:
        built = self.target.build(values)
        assert isinstance(built, list), "this should have been refused"
        check_faults(built)
        return built


def check_faults(faults: list[Fault]) -> None:
    """There is one at least, and each has a code and a sentence."""
    assert faults
    for fault in faults:
        assert fault.code[:1] == "E"
        assert fault.message.strip()
        assert fault.message.isprintable()


def at(values: Any, path: tuple[str | int, ...]) -> Any:
    """The value at a path."""
    for step in path:
        values = values[step]
    return values
