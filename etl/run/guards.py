"""Counts of a run and the author's limits → why nothing may be delivered, or nothing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from etl.plan.plan import Guards
from etl.problems import Problem
from etl.run.report import Report
from etl.spec.load import Spec


def of_selection(guards: Guards) -> Guards:
    """Those that have a say where only lines that failed before are mapped: that some fail again stops no
    other.
    """
    return replace(guards, max_rejected=None, rejected_share=None)


def broken_guards(guards: Guards, spec: Spec, report: Report) -> list[Problem]:
    """Every guard that was passed, as a problem at its place in the mapping."""
    problems = []

    def refuse(code: str, message: str, name: str) -> None:
        problems.append(
            Problem(
                code,
                message,
                mapping=spec.place("guards", name),
                help="nothing was delivered; look at the report, then raise the guard if it is right",
            )
        )

    if guards.max_documents is not None and report.built_documents > guards.max_documents:
        refuse(
            "E701",
            f"{report.built_documents} documents, the mapping allows {guards.max_documents}",
            "max_documents",
        )
    rejected = report.records["rejected"] - report.no_orders
    if guards.max_rejected is not None and rejected > guards.max_rejected:
        refuse(
            "E702", f"{rejected} records rejected, the mapping allows {guards.max_rejected}", "max_rejected"
        )
    read = report.read - report.no_orders
    if guards.rejected_share is not None and read:
        share = Decimal(rejected * 100) / read
        if share > guards.rejected_share:
            refuse(
                "E702",
                f"{rejected} of {read} records rejected ({share:.1f} %), "
                f"the mapping allows {guards.rejected_share} %",
                "max_rejected",
            )
    for currency, limit in (guards.max_total or {}).items():
        total = report.built.money.get(currency, Decimal(0))
        if total > limit:
            refuse("E703", f"{total} {currency} in all, the mapping allows {limit} {currency}", "max_total")
    return problems
