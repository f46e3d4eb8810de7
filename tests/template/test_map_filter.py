"""`map('default', …)` and `map('lookup', …)` keep their word inside a list: counted, held, never a Python object."""

from __future__ import annotations

import pytest

from etl.plugin import BadValue
from etl.problems import MappingPlace
from etl.template.compile import Template, compile_template
from etl.template.environment import Failure, Noted, Sandbox


def _place(offset: int, length: int) -> MappingPlace:
    return MappingPlace("m.yaml", 1, offset + 1, "", length)


def test_defaults_inside_map_are_counted_and_plain() -> None:
    env = Sandbox({})
    compiled = compile_template("{{ xs | map('default', '?', true) | join('+') }}", env, _place)
    assert isinstance(compiled, Template)
    assert compiled.evaluate(env.context({"xs": ["a", "", None]})) == "a+?+?"
    assert list(env.recorder.defaults.values()) == [2]


def test_holds_inside_map_are_kept() -> None:
    def table(value: object) -> Noted:
        return Noted("x", "hold", "table", BadValue("E460", f"no {value}"))

    env = Sandbox({"table": table})
    compiled = compile_template("{{ xs | map('table') | list }}", env, _place)
    assert isinstance(compiled, Template)
    assert compiled.evaluate(env.context({"xs": ["a", "b"]})) == ["x", "x"]
    assert [(place.column, error.code) for place, error, _ in env.recorder.holds] == [(14, "E460"), (14, "E460")]


@pytest.mark.parametrize("text", ["{{ xs | map(f) | list }}", "{{ xs | select(f) | list }}"])
def test_what_map_applies_is_named(text: str) -> None:
    problems = compile_template(text, Sandbox({}), _place)
    assert isinstance(problems, list)
    assert [problem.code for problem in problems] == ["E212"]


@pytest.mark.parametrize(("members", "code"), [(["a", None], "E475"), (["a", ["b"]], "E476")])
def test_a_join_never_writes_none(members: list[object], code: str) -> None:
    env = Sandbox({})
    compiled = compile_template("{{ xs | join('+') }}", env, _place)
    assert isinstance(compiled, Template)
    with pytest.raises(Failure) as failed:
        compiled.evaluate(env.context({"xs": members}))
    assert (failed.value.problem.code, failed.value.problem.mapping) == (code, MappingPlace("m.yaml", 1, 9, "", 4))
