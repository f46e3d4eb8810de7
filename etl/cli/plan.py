"""etl plan MAPPING [INPUT…] --out PLAN → everything that would be sent, in a file, and nothing sent."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from etl.cli.compiled import compiled, sources_of
from etl.cli.options import common, mapping_argument, mapping_run_options, option, pairs
from etl.cli.output import Format, Output
from etl.cli.plan_alma import calls_left, posted_before
from etl.cli.plan_sink import sink_of
from etl.cli.progress import progress_bar
from etl.cli.run import delivery_of
from etl.cli.summary import counted, tell
from etl.problems import Problem, Refusal
from etl.run.pipeline import Delivery, Ran, run
from etl.run.places import RunPlace, of_sink
from etl.run.plan_sources import changes, fingerprints
from etl.run.sealed_plan import PlanSink, write_plan
from etl.spec.load import load


@click.command("plan")
@mapping_argument
@click.argument("inputs", nargs=-1, metavar="[INPUT]...")
@option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="PLAN",
    help="The file to write.",
)
@option("--sink", metavar="TYPE", help="Where etl apply will send, instead of the mapping's sink.")
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
    before = fingerprints(mapping, sources_of(load(mapping), inputs)[0], institution_file)
    ready = compiled(mapping, inputs, params, run_date, institution_file)
    if not ready.sources:
        raise Refusal(
            Problem(
                "E605",
                "no input: the mapping names none and none was given",
                mapping=ready.plan.spec.place("source"),
                help="give a file: etl plan MAPPING FILE --out PLAN",
            )
        )
    plan = ready.plan
    delivery = delivery_of(plan, sink, pairs(sink_options, "--sink-option"))
    goes_to = sink_of(delivery, plan.spec)
    keeper = PlanSink(plan.target, plan.codes, delivery.sink.form(delivery.options))
    folder = report_folder or Path("etl-report") / plan.spec.model.name
    output = Output(form)
    with progress_bar() as progress:
        kept = Delivery(keeper, keeper.Options(), Path())
        also = [RunPlace("plan", str(out), written=True), *of_sink(delivery)]
        ran = run(plan, ready.sources, kept, folder, warnings=ready.warnings, also=also, progress=progress)
    moved = changes(before, fingerprints(mapping, ready.sources, institution_file))
    if moved:  # while it was read: nobody can say which of the two was mapped
        raise Refusal(moved)
    header = {
        "mapping": mapping,
        "name": plan.spec.model.name,
        "target": plan.target.name,
        "run_date": run_date.isoformat(),
        "parameters": dict(plan.parameters),
        "inputs": list(inputs),
        "institution_file": institution_file,
        "sink": goes_to,
        "files": before,
        "read": ran.report.read,
        "records": dict(ran.report.records),
        **_amounts(keeper, delivery),
    }
    code = tell(output, ran, {"plan": header})
    if code not in (0, 1):
        output.say("no plan was written")
        return code
    seal = write_plan(out, header, keeper.collected)
    output.say(*_told(header, ran), f"{out}: seal {seal[:16]}; to send it: etl apply {out}")
    return ran.report.exit_code


def _amounts(keeper: PlanSink, delivery: Delivery) -> dict[str, Any]:
    kept = keeper.collected
    amounts: dict[str, Any] = {
        "documents": len(kept.lines),
        "totals": kept.totals.as_dict(),
        "predicted": dict(sorted(kept.predictions.items())),
    }
    if delivery.sink.name == "alma":
        same, changed = posted_before(delivery, kept.hashes)
        new = len(kept.lines) - same - changed
        left = calls_left(delivery)
        amounts |= {
            "posted_before": same,
            "changed_since_posting": changed,
            "calls": {"to_post": new, "to_verify": new, "left_today": left},
        }
    return amounts


def _told(header: dict[str, Any], ran: Ran) -> list[str]:
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
        if header["posted_before"] or header["changed_since_posting"]:
            lines.append(
                f"  in the ledger: {header['posted_before']:,} posted already, not sent again; "
                f"{header['changed_since_posting']:,} changed since they were posted, held"
            )
    if ran.report.records["held"] or ran.report.records["rejected"]:
        lines.append("  held and rejected records are not part of the plan: see the report")
    return lines
