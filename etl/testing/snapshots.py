"""Mapping → what its samples become, as files to review; and how the reviewed files differ from that.

    snapshots/<mapping>/<sample>/<item>.json       the very payload bytes
    snapshots/<mapping>/<sample>/held/<item>.json  payloads that wait for a person
    snapshots/<mapping>/<sample>/problems.txt      counts, sums, and every record that became no payload
    snapshots/<mapping>/<sample>/users.txt         whose request each document is, if the target has users

The command line and the pytest plugin both use these functions, so both see the same bytes. Every sample is
a run of its own: adding one changes nothing in the files of the others. Guards are not applied.
"""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from etl.plan.compile import FROZEN_DATE, compile_plan
from etl.plan.plan import Plan
from etl.plugin import Source
from etl.problems import MappingPlace, Problem, Refusal, Severity
from etl.registry import Registry
from etl.run.build import fresh_recorder
from etl.run.inputs import resolve
from etl.run.mapped import Mapped
from etl.run.pipeline import no_progress
from etl.run.problem_log import ProblemLog
from etl.run.report import Report
from etl.run.spool import Spool
from etl.spec.load import Spec, load, sibling
from etl.testing.snapshot_story import Story, story_text, users_text
from etl.yaml_tree import Scalar

PROBLEMS, USERS, HELD = "problems.txt", "users.txt", "held"


def snapshot_folder(mapping: Path) -> Path:
    """Where the reviewed files of a mapping are."""
    return mapping.parent / "snapshots" / mapping.stem


def sample_names(mapping: Path) -> list[str]:
    """The folders that the samples of a mapping have among its snapshots. Raises Refusal."""
    with _inside(mapping):
        return list(_samples(load(mapping.name)))


def expected_files(mapping: Path) -> dict[str, bytes]:
    """Every file its snapshots should consist of now: path below `snapshot_folder` → bytes.

    The run's date and the parameters are those of the mapping's `snapshot` section (else 2001-01-01 and
    the defaults), so the result depends on the mapping, its tables and its samples alone. Raises Refusal
    when the mapping cannot be used, or a sample as a whole cannot be read.
    """
    files: dict[str, bytes] = {}
    with _inside(mapping):
        spec = load(mapping.name)
        samples = _samples(spec)
        plan = _plan(spec, [*samples.values()][:1])
        for name, source in samples.items():
            for path, content in _mapped(plan, source).items():
                files[f"{name}/{path}"] = content
    return files


@contextlib.contextmanager
def _inside(mapping: Path) -> Iterator[None]:
    """Work in the mapping's folder: snapshots then name files as they look from there, wherever we started.

    A refusal is for the person outside, so its places are named as they look from where we started.
    """
    try:
        with contextlib.chdir(mapping.parent):
            yield
    except Refusal as refusal:
        raise Refusal([_from_outside(one, mapping.parent) for one in refusal.problems]) from None
    except FileNotFoundError:
        if mapping.parent.is_dir():
            raise
        place = MappingPlace(str(mapping))
        raise Refusal(
            Problem("E105", f'cannot read mapping "{mapping}": no such folder', mapping=place)
        ) from None


def _from_outside(problem: Problem, folder: Path) -> Problem:
    if problem.mapping is not None:
        file = os.path.normpath(folder / problem.mapping.file)
        problem = replace(problem, mapping=replace(problem.mapping, file=file))
    if problem.data is not None:
        problem = replace(
            problem, data=replace(problem.data, file=os.path.normpath(folder / problem.data.file))
        )
    return problem


def _samples(spec: Spec) -> dict[str, Source]:
    """The mapping's own input files by the name of their folder among the snapshots."""
    node = spec.node("source", "path")
    file = node.file if isinstance(node, Scalar) else spec.node("source").file
    written = [path for path in spec.model.source.path or [] if path != "-" and "://" not in path]
    paths = [sibling(file, path) for path in written]
    sources, warnings = resolve(paths, io.BytesIO(), spec.place("source", "path"))
    if not sources:
        told = "; ".join(warning.message for warning in warnings) or "source.path names no file"
        help_ = "put a sample file where source.path looks, and run again with --update"
        place = spec.place("source", "path")
        raise Refusal(Problem("E605", f"no samples to map: {told}", mapping=place, help=help_))
    plain = [Path(source.name).name for source in sources]
    return {
        base if plain.count(base) == 1 else source.name.replace("../", "").replace("/", "__"): source
        for base, source in zip(plain, sources, strict=True)
    }


def _plan(spec: Spec, samples: Sequence[Source]) -> Plan:
    frozen = spec.model.snapshot
    run_date = FROZEN_DATE if frozen.run_date is None else date.fromisoformat(frozen.run_date)
    return compile_plan(
        spec, Registry.installed(), run_date=run_date, parameters=frozen.parameters, samples=samples
    )


def _mapped(plan: Plan, source: Source) -> dict[str, bytes]:
    """One sample, mapped as a run would, with nothing delivered and nothing left on the disk."""
    fresh_recorder(plan)
    problems: list[Problem] = []
    report = Report(plan.spec.model.name, plan.target.name, "snapshot", plan.run_date.isoformat())
    with tempfile.TemporaryDirectory(prefix="etl-snapshot-") as work:
        story = Story(Path(work) / "report")
        with story, contextlib.closing(Spool(story.work)) as spool:
            Mapped(plan, "json", story, ProblemLog(problems.append), report, spool, no_progress).run([source])
            entries = list(spool)
        for entry in entries:
            report.settle("written", entry.records, entry.item.totals)
        items = [entry.item for entry in entries]
    files = {f"{item.name}.json": item.payload for item in items}
    files |= {f"{HELD}/{name}.json": payload for name, payload in story.held_payloads.items()}
    if plan.target.needs_user:
        files[USERS] = users_text(items)
    files[PROBLEMS] = story_text(report, story.entries, _of_this_sample(problems)).encode()
    return files


def _of_this_sample(problems: Sequence[Problem]) -> list[Problem]:
    """Warnings about records; errors and holds are told with the record they ended."""
    return [problem for problem in problems if problem.severity is Severity.WARNING]
