"""What a run needs before it can read → that, or the report of a run that could not begin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TypeVar

import click

from etl.problems import Problem, Refusal
from etl.run.pipeline import Ran, not_begun
from etl.run.report import Report
from etl.shown import masked_url
from etl.spec.load import Spec

Begun = TypeVar("Begun")


def begun_or_told(begin: Callable[[], Begun], empty: Report, folder: Path) -> Begun | Ran:
    """What `begin` gives; or, if something stops it, a run that did not begin: `empty` says so, in `folder`.

    Raises click.UsageError, and Refusal (E603, E604) where there can be no report.
    """
    try:
        return begin()
    except click.UsageError:
        raise
    except (Exception, KeyboardInterrupt) as reason:  # noqa: BLE001 - whatever it is, the report says it
        return not_begun(empty, folder, reason)


def empty_report(spec: Spec, sink: str, run_date: date, inputs: Sequence[str]) -> Report:
    """Of a run that has read nothing yet. Its inputs are named as they are shown: without passwords."""
    files = [masked_url(name) for name in inputs]
    return Report(spec.model.name, spec.model.target, masked_url(sink), run_date.isoformat(), files=files)


def no_input(spec: Spec, so: str) -> Refusal:
    """E605; `so` is how one is given."""
    words = "no input: the mapping names none and none was given"
    return Refusal(Problem("E605", words, mapping=spec.place("source"), help=f"give a file: {so}"))
