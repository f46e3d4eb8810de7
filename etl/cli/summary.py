"""Report → the few lines a person reads at the end of a run."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from etl.cli.streams import code_said
from etl.documents.money import sum_text
from etl.plugin import Totals
from etl.run.report import OUTCOMES, UNDONE, Report, Stop

if TYPE_CHECKING:
    from etl.cli.output import Output
    from etl.run.pipeline import Ran


_STOPPED = {
    False: "nothing was delivered",
    True: "a part was delivered, and the rest was not; running again is safe",
}


def tell(output: Output, ran: Ran, more: Mapping[str, Any] | None = None) -> int:
    """Say how a run ended. Its exit code: also when standard output takes no more."""
    report = ran.report
    output.groups(ran.log.groups(), {"report": report.as_dict(), **(more or {})})
    output.say(*summary(report, ran.folder))
    return code_said(report.exit_code, delivered=report.delivered)


def summary(report: Report, folder: Path) -> list[str]:
    """Counts, sums, predictions, defaults, and where the report is."""
    lines = [f"{report.mapping}: {_records(report)}"]
    for outcome in OUTCOMES:
        totals = report.sums.get(outcome)
        unpriced = report.unpriced if outcome == "held" else 0
        worth = [_totals(totals)] if totals is not None and (totals.copies or totals.money) else []
        worth += [f"{'and ' if worth else ''}{unpriced:,} of unknown worth"] if unpriced else []
        if worth:
            lines.append(f"  {outcome}: {counted(report.documents[outcome], 'document')}, {', '.join(worth)}")
    if report.predicted:
        predicted = ", ".join(f"{count:,} {name}" for name, count in sorted(report.predicted.items()))
        lines.append(f"  in Alma: {as_far_as_known(predicted, codes_checked=report.codes_checked)}")
    if report.notes:
        noted = ", ".join(f"{count:,} {name}" for name, count in sorted(report.notes.items()))
        lines.append(f"  {report.sink}: {noted}")
    for what, count in sorted(report.defaults.items()):
        lines.append(f"  default used {counted(count, 'time')}: {what}")
    for name, count in sorted(report.respelt.items()):
        lines.append(f"  sent in its normal form {counted(count, 'time')}: {name}")
    if report.interrupted or report.stop not in (None, Stop.CANARY):  # the canary has said it
        lines.append(f"  {'interrupted' if report.interrupted else 'stopped'}: {_STOPPED[report.delivered]}")
    lines += [f"  DOES NOT ADD UP: {words}" for words in report.discrepancies()]
    lines += _waiting(report)
    lines.append(f"  report: {folder / 'report.json'}")
    return lines


def as_far_as_known(predicted: str, *, codes_checked: bool) -> str:
    """A prediction, and that nobody has looked at its codes where there was nothing to compare them with."""
    return predicted if codes_checked else f"{predicted} (codes not checked: no institution file)"


def _waiting(report: Report) -> list[str]:
    """What was there before this run and still waits, which changes no exit code; and how it is listed."""
    waiting = report.waiting
    if waiting is None:
        return []
    where = f"etl ledger list --state waiting --ledger {shlex.quote(report.ledger)}"
    if not waiting.count:
        return [f"  what waits: {where}"] if any(map(report.records.get, UNDONE)) else []
    states = ", ".join(f"{count:,} {state}" for state, count in sorted(waiting.states.items()))
    worth = [_totals(waiting.totals)] if waiting.totals.copies or waiting.totals.money else []
    if waiting.unpriced:
        worth.append(f"{waiting.unpriced:,} of unknown worth")
    told = f"{counted(waiting.count, 'order')} ({states}), the oldest since {waiting.since}"
    return [
        "; ".join((f"  waiting from before: {told}", *worth)),
        f"    {where}",
    ]


def _records(report: Report) -> str:
    if not report.read:
        return "no records"
    parts = [f"{report.records[outcome]:,} {outcome}" for outcome in OUTCOMES if report.records[outcome]]
    return f"{counted(report.read, 'record')} read: {', '.join(parts)}"


def _sum(value: Decimal, currency: str) -> str:
    whole, point, fraction = sum_text(value, currency).partition(".")
    return f"{int(whole):,}{point}{fraction}"


def _totals(totals: Totals) -> str:
    money = ", ".join(f"{_sum(totals.money[one], one)} {one}" for one in sorted(totals.money))
    return counted(totals.copies, "copy", "copies") + (f", {money}" if money else "")


def counted(number: int, word: str, plural: str = "") -> str:
    """`1 record`, `2,000 records`."""
    return f"{number:,} {word if number == 1 else plural or word + 's'}"
