"""A mapping, inputs and a sink → plan, sources and delivery, or all that is wrong with them at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from etl.cli.compiled import Compiled, compiled, folder_of
from etl.cli.options import named_values
from etl.plugin import Sink
from etl.problems import MappingPlace, Problem, Refusal
from etl.registry import Registry
from etl.run.pipeline import Delivery
from etl.spec.load import Spec, plain
from etl.spec.misfits import Typed, fitted
from etl.yaml_tree import Mapping


def deliverable(
    spec: Spec,
    inputs: Sequence[str] | None,
    params: tuple[str, ...],
    run_date: date,
    institution_file: str | None,
    *,
    sink: str | None,
    sink_options: tuple[str, ...],
) -> tuple[Compiled, Delivery]:
    """What a run begins with. Raises Refusal."""
    problems: list[Problem] = []
    try:
        delivery = _delivery(spec, sink, sink_options)
    except Refusal as refusal:
        problems += refusal.problems
    try:
        ready = compiled(spec, inputs, params, run_date, institution_file)
    except Refusal as refusal:
        raise Refusal([*refusal.problems, *problems]) from None
    if problems:
        raise Refusal(problems)
    return ready, delivery


def _delivery(spec: Spec, named: str | None, given: tuple[str, ...]) -> Delivery:
    """The sink of the command line, or of the mapping; options on the command line win.

    What the mapping's own sink names is relative to the mapping, whatever else is given: a ledger that moved
    with an option would not know what was ordered.
    """
    section = spec.tree.items.get("sink")
    own: dict[str, Any] = plain(section) if isinstance(section, Mapping) else {}
    kind = named or own.get("type", "stdout")
    place = spec.place("sink", "type") if own and named is None else MappingPlace("--sink")
    sink: Sink = Registry.installed().get("sinks", kind, place)()
    of_mapping = own.pop("type", None) == kind
    options = own if of_mapping else {}
    values = named_values(given, "--sink-option", sink.Options.model_fields)
    typed = Typed(
        sink.Options.given_in(Path.cwd(), values),
        whole=f"--sink {kind}",
        flag=lambda name: f"--sink-option {name}",
    )
    checked = fitted(sink.Options, options, spec.tree if of_mapping else None, ("sink",), typed)
    return Delivery(sink, checked, folder_of(spec.path) if of_mapping else Path())
