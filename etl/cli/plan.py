"""etl plan MAPPING [INPUT…] --out PLAN → everything that would be sent, in a file, and nothing sent."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import click

from etl.cli.begun import begun_or_told, empty_report, no_input
from etl.cli.check_ledger import known_otherwise, numbers
from etl.cli.compiled import Compiled, sources_of
from etl.cli.deliverable import deliverable
from etl.cli.options import (
    PATH,
    common,
    mapping_argument,
    mapping_run_options,
    option,
    report_option,
    report_place,
)
from etl.cli.output import Format, Output
from etl.cli.plan_alma import calls_left
from etl.cli.plan_sink import sink_of
from etl.cli.progress import progress_bar
from etl.cli.summary import counted, tell
from etl.plugin import Source
from etl.problems import Refusal
from etl.run.foreseen import Foreseer, Foresight, foreseer
from etl.run.memory import Memory, ledger_of, version_of
from etl.run.pipeline import Delivery, Ran, run
from etl.run.places import RunPlace, of_sink
from etl.run.plan_sources import changes, fingerprints
from etl.run.report import Report
from etl.run.sealed_plan import PlanSink, write_plan
from etl.spec.load import load


@click.command("plan")
@mapping_argument
@click.argument("inputs", nargs=-1, metavar="[INPUT]...")
@option(
    "--out",
    type=PATH,
    required=True,
    metavar="PLAN",
    help="The file to write.",
)
@report_option("plan")
@mapping_run_options
@common
def command(
    mapping: str,
    inputs: tuple[str, ...],
    out: Path,
    sink: str | None,
    sink_options: tuple[str, ...],
    report_folder: Path | None,
    institution_file: str | None,
    params: tuple[str, ...],
    run_date: date,
    form: Format,
) -> int:
    """Map every record and write what would be sent; nothing is sent.

    The file holds the payloads, totals by vendor, fund, library and currency, predictions, and the hashes of
    all that they were made of. etl apply PLAN sends exactly that.
    """
    if any(name == "-" or "://" in name for name in inputs):
        raise click.UsageError(
            "a plan is made of files: standard input cannot be compared when it is applied"
        )
    spec = load(mapping)
    folder = report_folder or report_place(spec.model.name, "plan")

    def begin() -> tuple[Compiled, _Sealing]:
        files = fingerprints(mapping, sources_of(spec, inputs)[0], institution_file)
        ready, delivery = deliverable(
            spec, inputs, params, run_date, institution_file, sink=sink, sink_options=sink_options
        )
        if not ready.sources:
            raise no_input(spec, "etl plan MAPPING FILE --out PLAN")
        keeper = PlanSink(ready.plan.target, ready.plan.codes, delivery.sink.form(delivery.options))
        header = {
            "mapping": mapping,
            "name": spec.model.name,
            "target": ready.plan.target.name,
            "run_date": run_date.isoformat(),
            "parameters": dict(ready.plan.parameters),
            "inputs": list(inputs),
            "institution_file": institution_file,
            "sink": sink_of(delivery, spec),
            "files": files,
        }
        return ready, _Sealing(out, keeper, delivery, header, ready.sources)

    begun = begun_or_told(begin, empty_report(spec, PlanSink.name, run_date, inputs), folder)
    output = Output(form)
    if isinstance(begun, Ran):
        code = tell(output, begun)
        output.say(_NONE)
        return code
    ready, plan = begun
    version = version_of(spec, institution_file, ready.plan.parameters, ledger_of(plan.delivery, folder))
    memory = Memory.of(plan.delivery, version, run_date.isoformat(), folder)
    ran = _ran(ready, plan, memory, folder)
    foreseen = plan.foresight if plan.sealed else None
    for problem in known_otherwise(ready, foreseen) if foreseen is not None else ():
        ran.log.add(problem)
    code = tell(output, ran, {"plan": plan.header} if plan.sealed else {})
    if code == 0 and foreseen is not None and foreseen.counts["like"]:
        code = 1  # as apply will end
    if plan.sealed:
        institution = memory.place.institution if memory is not None else ""
        told = _told(plan.header, ran, plan.foresight, institution)
        output.say(*told, f"{out}: seal {plan.sealed[:16]}; to send it: etl apply {out}")
    else:
        output.say(_NONE)
    return code


_NONE = "no plan was written"


def _ran(ready: Compiled, plan: _Sealing, memory: Memory | None, folder: Path) -> Ran:
    """Everything mapped, what the ledger knows of it asked, and the plan sealed."""
    if memory is not None:
        memory.plan = plan.keeper.collected
    own = memory is not None and memory.place.own
    also = [RunPlace("plan", str(plan.out), written=True), *of_sink(plan.delivery)]
    with progress_bar() as progress, foreseer(memory.place) if memory and own else nullcontext() as asks:
        plan.foresees(asks)
        return run(
            ready.plan,
            ready.sources,
            Delivery(plan.keeper, plan.keeper.Options(), Path()),
            folder,
            warnings=ready.warnings,
            also=also,
            memory=memory,
            progress=progress,
            sealing=plan.seal,
        )


@dataclass(slots=True)
class _Sealing:
    """The plan file, to be written when all documents are there. `sealed` is its seal, once it is."""

    out: Path
    keeper: PlanSink
    delivery: Delivery
    header: dict[str, Any]
    sources: Sequence[Source]
    sealed: str = ""
    foresight: Foresight | None = None

    def foresees(self, asks: Foreseer | None) -> None:
        """The ledger is asked about each document."""
        if asks is not None:
            self.keeper.asks, self.foresight = asks.ask, asks.foresight

    def seal(self, report: Report) -> None:
        """Raises Refusal: E851 what it was made of has changed meanwhile, E612 and E849 from writing it."""
        header = self.header
        moved = changes(
            header["files"], fingerprints(header["mapping"], self.sources, header["institution_file"])
        )
        if moved:  # while it was read: nobody can say which of the two was mapped
            raise Refusal(moved)
        header |= {"read": report.read, "records": dict(report.records)}
        header |= _amounts(self.keeper, self.delivery, self.foresight)
        self.sealed = write_plan(self.out, header, self.keeper.collected)


def _amounts(keeper: PlanSink, delivery: Delivery, foresight: Foresight | None) -> dict[str, Any]:
    kept = keeper.collected
    amounts: dict[str, Any] = {
        "documents": len(kept.lines),
        "totals": kept.totals.as_dict(),
        "predicted": dict(sorted(kept.predictions.items())),
    }
    if foresight is not None:
        new = foresight.counts["new"] + foresight.counts["free"]
        left = calls_left(delivery)
        amounts |= {
            "in_ledger": dict(foresight.counts),
            "calls": {"to_post": new, "to_verify": new, "left_today": left},
        }
    return amounts


def _told(header: dict[str, Any], ran: Ran, foresight: Foresight | None, institution: str) -> list[str]:
    """The plan in a person's words."""
    lines = [f"plan: {counted(header['documents'], 'document')} for {header['sink']['type']}"]
    for what in ("vendor", "fund", "library"):
        for name, sums in header["totals"][f"by_{what}"].items():
            money = ", ".join(f"{amount} {unit}" for unit, amount in sums.items() if unit != "copies")
            copies = counted(sums["copies"], "copy", "copies") if sums["copies"] else ""
            lines.append(f"  {what} {name}: {', '.join(filter(None, (copies, money)))}")
    if "calls" in header:
        calls, left = header["calls"], header["calls"]["left_today"]
        budget = f"{left:,} left today" if left is not None else "how many are left is not known"
        lines.append(f"  calls: {calls['to_post']:,} to post, {calls['to_verify']:,} to verify; {budget}")
    if foresight is not None and set(foresight.counts) - {"new"}:
        lines.append(numbers(foresight, institution))
    if ran.report.records["held"] or ran.report.records["rejected"]:
        lines.append("  held and rejected records are not part of the plan: see the report")
    return lines
