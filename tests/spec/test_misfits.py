"""Whatever is written into options, on a command line or in a mapping → our words at its place, never a parser's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from etl.problems import Problem, Refusal
from etl.registry import Registry
from etl.spec.misfits import Typed, fitted
from etl.spec.model import MappingFile
from etl.yaml_tree import YamlText, parse

PARSERS = re.compile(
    r"Input should|Field required|Extra inputs|valid (string|integer|list|dict)|pydantic|Value error"
)
NONSENSE: tuple[Any, ...] = (
    *("", "nonsense", "-1", "999999999999999999999", "1.5", "nan", "\0", None, True),
    *([], ["a"], {}, {"a": {"b": ["c"]}}, [{"a": "b"}]),
)


def models() -> Iterator[type[BaseModel]]:
    registry = Registry.installed()
    yield MappingFile
    for kind in ("sinks", "connectors"):
        for name in registry.names(kind):
            yield registry.get(kind, name).Options


MODELS = list(models())
NAMES = [f"{model.__module__}.{model.__name__}" for model in MODELS]


def typed(**values: Any) -> Typed:
    return Typed(values, whole="--sink x", flag=lambda name: f"--sink-option {name}")


def problems(
    model: type[BaseModel], own: dict[str, Any], text: str | None, given: Typed | None
) -> list[Problem]:
    tree = parse(YamlText("m.yaml", text)) if text is not None else None
    try:
        fitted(model, own, tree, (), given)
    except Refusal as refusal:
        return list(refusal.problems)
    return []


@pytest.mark.parametrize("model", MODELS, ids=NAMES)
def test_nothing_of_the_parsers_words_is_said(model: type[BaseModel]) -> None:
    said = 0
    for name in (*model.model_fields, "nosuch"):
        for value in NONSENSE:
            typing = problems(model, {}, None, typed(**{name: value}))
            written = problems(model, {name: value}, f"{name}: x\n", None)
            for problem in (*typing, *written):
                said += 1
                assert not PARSERS.search(f"{problem.message} {problem.help}"), problem
                assert "{" not in problem.message.replace(str(value), ""), problem
            assert {problem.code for problem in typing} <= {"E626", "E627", "E628"}
            assert all(str(problem.mapping).startswith("--sink") for problem in typing)
            assert {problem.code for problem in written} <= {"E107", "E108", "E109"}
            assert all(problem.mapping and problem.mapping.file == "m.yaml" for problem in written)
    assert said, "the model refuses something"


@pytest.mark.parametrize("model", MODELS, ids=NAMES)
def test_a_misspelt_option_is_recognised_and_not_missing_as_well(model: type[BaseModel]) -> None:
    for name in (name for name in model.model_fields if len(name) > 4):
        wrong = f"{name[:2]}{name[3:]}"
        found = problems(model, {}, None, typed(**{wrong: "x"}))
        [unknown] = [one for one in found if one.code == "E626"]
        assert unknown.help == f'did you mean "{name}"?'
        assert f'"{name}" is missing' not in [one.message for one in found]


def test_what_is_typed_wins_and_is_blamed() -> None:
    model = Registry.installed().get("sinks", "files").Options
    text = "directory: out\nformat: csv\n"
    own = {"directory": "out", "format": "csv"}
    assert problems(model, own, text, typed(format="xml")) == []
    [written] = problems(model, own, text, None)
    assert (written.code, written.mapping and written.mapping.line) == ("E109", 2)
    [typing] = problems(model, {**own, "format": "xml"}, text, typed(format="csv"))
    assert (typing.code, str(typing.mapping)) == ("E628", "--sink-option format")


@pytest.mark.parametrize("name", ["institution_file", "institution-file"])
def test_the_institution_file_is_no_option_of_a_sink(name: str) -> None:
    """`institution` of the sink alma is a name; whoever is sent there has no code checked."""
    model = Registry.installed().get("sinks", "alma").Options
    [unknown] = [one for one in problems(model, {}, None, typed(**{name: "x.json"})) if one.code == "E626"]
    assert unknown.help is not None
    assert "institution: FILE" in unknown.help
    for value in ("institution.json", "codes/Alma.YAML"):
        [wrong] = [one for one in problems(model, {}, None, typed(institution=value)) if one.code == "E628"]
        assert "institution: FILE" in wrong.message
    for value in ("sandbox", "files ../out"):  # the second is what a ledger calls a folder
        assert [one for one in problems(model, {}, None, typed(institution=value)) if one.code == "E628"] == []
