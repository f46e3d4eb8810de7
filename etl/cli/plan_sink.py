"""A plan's sink → its entry in the plan's header, without a password, and back.

Who may read a plan may not read a ledger or pass a proxy: what a URL holds of passwords stays in the mapping,
which the plan was made of and which is read again when it is applied.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from etl.plugin import Sink
from etl.registry import Registry
from etl.run.pipeline import Delivery
from etl.run.sealed_plan import SealedPlan
from etl.shown import without_secrets
from etl.spec.load import Spec, plain
from etl.spec.misfits import Typed, fitted
from etl.yaml_tree import Mapping


def sink_of(delivery: Delivery, spec: Spec) -> dict[str, Any]:
    """Type, options and base as etl apply needs them. A key is only ever a reference.

    Raises click.UsageError for a password that was given on the command line.
    """
    kind: Sink = delivery.sink
    options = delivery.options.model_dump(mode="json", exclude_defaults=True)
    own = _own(spec)
    for name, value in options.items():
        options[name] = _masked(value)
        if options[name] != value and own.get(name) != value:
            raise click.UsageError(
                f"a plan keeps no password, and --sink-option {name} has one: let the mapping's sink say it, "
                "or leave it out (PostgreSQL takes it from PGPASSWORD or ~/.pgpass)"
            )
    return {"type": kind.name, "options": options, "base": str(delivery.base)}


def delivery_of_plan(sealed: SealedPlan, spec: Spec) -> Delivery:
    """Where a plan's documents go. `spec`: its mapping as it is now, known to be unchanged."""
    said = sealed.header["sink"]
    sink: Sink = Registry.installed().get("sinks", said["type"])()
    own = _own(spec)
    options = {
        name: own[name] if name in own and _masked(own[name]) == value else value
        for name, value in said["options"].items()
    }
    typed = Typed(options, whole=str(sealed.path), flag=lambda name: f"{sealed.path}: sink.options.{name}")
    return Delivery(sink, fitted(sink.Options, {}, None, typed=typed), Path(said["base"]))


def _own(spec: Spec) -> dict[str, Any]:
    section = spec.tree.items.get("sink")
    return plain(section) if isinstance(section, Mapping) else {}


def _masked(value: Any) -> Any:
    return without_secrets(value) if isinstance(value, str) else value
