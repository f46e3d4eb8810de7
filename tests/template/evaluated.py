"""Template and names → what became of it, for the sweeps over templates."""

from __future__ import annotations

from typing import Any

from etl.problems import MappingPlace, Problem
from etl.template.compile import Template, compile_template
from etl.template.environment import Failure, Sandbox
from etl.template.filters import FILTERS


def place(offset: int, length: int) -> MappingPlace:
    """The offset counts from 0, the column from 1."""
    return MappingPlace("m.yaml", 1, offset + 1, "", length)


def evaluated(text: str, env: Sandbox | None = None, **names: Any) -> Any:
    """The value, or the first Problem, of the mapping or of the record."""
    env = env or Sandbox(FILTERS)
    template = compile_template(text, env, place)
    if not isinstance(template, Template):
        return template[0]
    try:
        return template.evaluate(env.context(dict(names)))
    except Failure as failure:
        return failure.problem


def told(text: str, env: Sandbox | None = None, **names: Any) -> tuple[str, str, str]:
    """Code, message and the text at the place of the problem that a template must have."""
    problem = evaluated(text, env, **names)
    assert isinstance(problem, Problem), f"{text} gave {problem!r}"
    assert problem.mapping is not None
    start = problem.mapping.column - 1
    return problem.code, problem.message, text[start : start + problem.mapping.length]
