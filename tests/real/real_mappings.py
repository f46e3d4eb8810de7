"""A mapping of tests/real/mappings and a file → what its records become."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from etl.plan.compile import compile_plan
from etl.plan.plan import Plan
from etl.registry import Registry
from etl.run.build import Builder, fresh_recorder
from etl.run.inputs import file_source
from etl.run.outcomes import Built, Held, Outcome, Refused, SourceRow
from etl.run.rows import read_rows
from etl.spec.load import load

MAPPINGS = Path(__file__).parent / "mappings"


def plan_of(mapping: str, path: Path) -> Plan:
    """A mapping of tests/real/mappings, compiled."""
    source = file_source(str(path))
    return compile_plan(
        load(str(MAPPINGS / mapping)), Registry.installed(), run_date=date(2024, 3, 11), samples=[source]
    )


def outcomes(mapping: str, path: Path) -> list[Outcome]:
    """What every record of a file becomes, unreadable ones included."""
    plan = plan_of(mapping, path)
    fresh_recorder(plan)
    builder = Builder(plan)
    return [
        builder.build([row]) if isinstance(row, SourceRow) else Refused(row.problems)
        for row in read_rows(plan, file_source(str(path)), lambda _problem: None)
    ]


def payloads(mapping: str, path: Path) -> list[dict[str, Any]]:
    """The payloads of a file in which every record must become one."""
    found = []
    for number, outcome in enumerate(outcomes(mapping, path), 1):
        assert isinstance(outcome, Built), f"record {number}: {problems_of(outcome)}"
        found.append(json.loads(outcome.payload))
    return found


def problems_of(outcome: Outcome) -> list[str]:
    """The reasons of an outcome in words."""
    if isinstance(outcome, Held | Refused):
        return [f"{one.code} {one.message}" for one in outcome.problems]
    return []
