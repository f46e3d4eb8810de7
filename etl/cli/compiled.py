"""A mapping and arguments → its Plan and its sources."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from etl.cli.options import named_values
from etl.plan.compile import compile_plan
from etl.plan.plan import Plan
from etl.plugin import Source
from etl.problems import Problem, Refusal
from etl.registry import Registry
from etl.run.inputs import resolve
from etl.spec.load import Spec, sibling
from etl.yaml_tree import Scalar


@dataclass(frozen=True, slots=True)
class Compiled:
    """A plan, its sources, and warnings about the sources."""

    plan: Plan
    sources: list[Source]
    warnings: list[Problem]


def compiled(
    spec: Spec,
    inputs: Sequence[str] | None,
    params: tuple[str, ...],
    run_date: date,
    institution_file: str | None = None,
) -> Compiled:
    """Compile. With sources at hand their columns are checked too; `inputs` None: there are none. Raises
    Refusal.
    """
    registry = Registry.installed()
    sources, problems = sources_of(spec, inputs) if inputs is not None else ([], [])
    warnings = [problem for problem in problems if not problem.severity.stops]
    errors = [problem for problem in problems if problem.severity.stops]
    given = named_values(params, "--param", spec.model.parameters)
    try:
        plan = compile_plan(
            spec,
            registry,
            run_date=run_date,
            parameters=given,
            samples=sources,
            institution_file=institution_file,
        )
    except Refusal as refusal:
        raise Refusal([*errors, *refusal.problems]) from None
    if errors:
        raise Refusal(errors)
    return Compiled(plan, sources, warnings)


def sources_of(spec: Spec, inputs: Sequence[str]) -> tuple[list[Source], list[Problem]]:
    """Inputs from the command line, else the mapping's own (relative to the file that names them)."""
    stdin = sys.stdin.buffer
    try:
        if inputs:
            return resolve(inputs, stdin)
        return resolve(_own_paths(spec), stdin, spec.place("source", "path"))
    except Refusal as refusal:
        return [], list(refusal.problems)


def _own_paths(spec: Spec) -> list[str]:
    paths = spec.model.source.path or []
    node = spec.node("source", "path")
    file = node.file if isinstance(node, Scalar) else spec.node("source").file
    return [path if path == "-" or "://" in path else sibling(file, path) for path in paths]


def folder_of(mapping: str) -> Path:
    """The folder relative paths in a mapping start from."""
    return Path(mapping).parent
