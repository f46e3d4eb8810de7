"""Report → the few lines a person reads at the end of a run."""

from __future__ import annotations

from pathlib import Path

from etl.plugin import Totals
from etl.run.report import OUTCOMES, Report


def summary(report: Report, folder: Path) -> str:
    """Counts, sums, predictions, defaults, and where the report is."""
    lines = [f"{report.mapping}: {_records(report)}"]
    for outcome in OUTCOMES:
        totals = report.sums.get(outcome)
        if totals is not None and (totals.copies or totals.money):
            lines.append(f"  {outcome}: {counted(report.documents[outcome], 'document')}, {_totals(totals)}")
    if report.predicted:
        lines.append(
            "  in Alma: " + ", ".join(f"{count:,} {name}" for name, count in sorted(report.predicted.items()))
        )
    if report.notes:
        lines.append(
            "  "
            + report.sink
            + ": "
            + ", ".join(f"{count:,} {name}" for name, count in sorted(report.notes.items()))
        )
    for what, count in sorted(report.defaults.items()):
        lines.append(f"  default used {counted(count, 'time')}: {what}")
    if report.guard:
        lines.append(f"  nothing was delivered: {report.guard}")
    lines += [f"  DOES NOT ADD UP: {words}" for words in report.discrepancies()]
    lines.append(f"  report: {folder / 'report.json'}")
    return "\n".join(lines)


def _records(report: Report) -> str:
    if not report.read:
        return "no records"
    parts = [f"{report.records[outcome]:,} {outcome}" for outcome in OUTCOMES if report.records[outcome]]
    return f"{counted(report.read, 'record')} read: {', '.join(parts)}"


def _totals(totals: Totals) -> str:
    money = ", ".join(f"{totals.money[currency]:,} {currency}" for currency in sorted(totals.money))
    return counted(totals.copies, "copy", "copies") + (f", {money}" if money else "")


def counted(number: int, word: str, plural: str = "") -> str:
    """`1 record`, `2,000 records`."""
    return f"{number:,} {word if number == 1 else plural or word + 's'}"
