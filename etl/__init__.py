"""Mapping file and records → documents: the names that a program which embeds the engine may rely on.

    spec = etl.load("mappings/btj/po_line.yaml")
    plan = etl.compile_plan(spec, etl.Registry.installed(), run_date=date.today())
    sources, warnings = etl.resolve(["inbox/*.csv"], sys.stdin.buffer)
    ran = etl.run_plan(plan, sources, etl.Delivery(sink, options, Path()), Path("report"))

Everything else may move between versions; extension authors use `etl.plugin`. Names are loaded when they are
first used, so that `import etl` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from etl.plan.compile import compile_plan
    from etl.plan.plan import Plan
    from etl.problems import Problem, Refusal
    from etl.registry import Registry
    from etl.run.inputs import resolve
    from etl.run.pipeline import Delivery
    from etl.run.pipeline import run as run_plan
    from etl.run.report import Report
    from etl.spec.load import Spec, load

__all__ = [
    "Delivery",
    "Plan",
    "Problem",
    "Refusal",
    "Registry",
    "Report",
    "Spec",
    "compile_plan",
    "load",
    "resolve",
    "run_plan",
]

_HOMES = {
    "Delivery": "etl.run.pipeline:Delivery",
    "Plan": "etl.plan.plan:Plan",
    "Problem": "etl.problems:Problem",
    "Refusal": "etl.problems:Refusal",
    "Registry": "etl.registry:Registry",
    "Report": "etl.run.report:Report",
    "Spec": "etl.spec.load:Spec",
    "compile_plan": "etl.plan.compile:compile_plan",
    "load": "etl.spec.load:load",
    "resolve": "etl.run.inputs:resolve",
    "run_plan": "etl.run.pipeline:run",  # not `run`: that is the package etl.run
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'etl' has no attribute {name!r}")
    module, _, attribute = _HOMES[name].partition(":")
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
