"""etl ledger dead-letters, etl ledger replay → orders that wait, in a sheet, and back."""

from __future__ import annotations

import getpass
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from etl.cli.alma_options import alma_options, mapping_sink, sink_options
from etl.cli.ledger import command, ledger_option
from etl.cli.options import common, option
from etl.cli.output import Format, Output
from etl.cli.summary import counted
from etl.problems import MappingPlace, Problem, Refusal

if TYPE_CHECKING:
    from etl.alma.deliver import Delivery
    from etl.deadletters.columns import Language
    from etl.deadletters.letters import Letter
    from etl.deadletters.replay import Replayed
    from etl.plugin import Receipt, Target
    from etl.sinks.alma import AlmaOptions

_report = option(
    "--report",
    "report",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Report folder of the run, whose held and rejected orders belong to it.",
)


@command.command("dead-letters")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, metavar="FILE",
              help="The sheet to write: .xlsx or .csv.")  # fmt: skip
@_report
@option("--institution", default="alma", show_default=True, metavar="NAME", help="Its name in the ledger.")
@option("--language", type=click.Choice(["en", "sv"]), default="en", help="Language of the headings.")
@ledger_option
@common
def dead_letters(
    out: Path, report: Path | None, institution: str, language: str, ledger: str, form: Format
) -> int:
    """Write refused and held orders into a sheet, grouped by cause, for a librarian to correct.

    Mark the rows to be sent, correct their cells, and give the file to etl ledger replay. Nothing is sent.
    """
    from etl.deadletters.sheet import write_sheet

    found = _letters(ledger, institution, report, cast("Language", language))
    targets = _targets()
    rows = [_row(letter, targets) for letter in sorted(found, key=lambda one: (one.cause, one.key))]
    try:
        write_sheet(out, rows, cast("Language", language))
    except OSError as error:
        raise Refusal(
            Problem("E849", f'cannot write "{out}": {error.strerror}', mapping=MappingPlace(str(out)))
        ) from None
    output = Output(form)
    causes: dict[str, int] = {}
    for row in rows:
        causes[row["cause"]] = causes.get(row["cause"], 0) + 1
    for cause, count in causes.items():
        output.say(f"  {count:,}  {cause}")
    output.say(f"{out}: {counted(len(rows), 'order')}")
    return 0


@command.command("replay")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--mapping", type=click.Path(dir_okay=False), metavar="FILE", help="Its sink says which Alma and ledger."
)
@_report
@option("--institution-file", type=click.Path(dir_okay=False), metavar="FILE",
        help="Institution file (etl pull) that codes are checked against.")  # fmt: skip
@click.option("--by", "who", default=None, metavar="NAME", help="Who decides. Default: your login name.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@ledger_option
@alma_options
@common
def replay(
    file: Path,
    mapping: str | None,
    report: Path | None,
    institution_file: str | None,
    who: str | None,
    yes: bool,
    ledger: str,
    form: Format,
    **alma: Any,
) -> int:
    """Send the orders that are marked in the sheet, with the corrections made in it, through the ledger.

    Every row is checked first; one bad row and nothing is sent. Who and what was changed is written down.
    """
    from etl.sinks.alma import delivery_for

    if mapping is None:
        options, base = sink_options(alma, ledger=ledger), Path()
    else:
        spec, options, base = mapping_sink(mapping)
        from etl.cli.verify import own_institution

        institution_file = institution_file or own_institution(spec)
    chosen = _chosen(file, options, base, report, institution_file)
    output, name = Output(form), who or getpass.getuser()
    for one in chosen:
        output.say(f"{' + '.join(one.item.key)}  {one.words(name)}")
    if not chosen:
        output.say(f'no row of "{file}" is marked to be sent')
        return 0
    if not yes and not sys.stdin.isatty():
        raise click.UsageError("nothing was sent: without a terminal to ask, say --yes")
    if not yes:
        click.confirm(f"send {counted(len(chosen), 'order')}?", abort=True, err=True)
    with delivery_for(options, base, threading.Event()) as delivery:
        receipts = _send(delivery, chosen, name)
    output.problems([receipt.problem for receipt in receipts if receipt.problem is not None])
    counts = {receipt.outcome: 0 for receipt in receipts}
    for receipt in receipts:
        counts[receipt.outcome] += 1
    output.say(", ".join(f"{count:,} {outcome}" for outcome, count in counts.items()))
    return 0 if set(counts) <= {"posted", "already posted"} else 1


# --------------------------------------------------------------------------------------------- inside


def _send(delivery: Delivery, chosen: list[Replayed], who: str) -> list[Receipt]:
    """Write down who decided, then send. What was only in a report is written down once it has a row."""
    from etl.ledger.find import Wanted, find
    from etl.ledger.orders import State

    for one in chosen:
        if one.order is not None and not delivery.ledger.decide(one.order, State.RELEASED, one.words(who)):
            shown = f'order {one.order.id} ("{one.order.shown}")'
            words = f"{shown} has just been changed by another process"
            raise Refusal(Problem("E817", words, help="nothing of the sheet was sent; make a new one"))
    receipts = list(delivery.deliver(iter([one.item for one in chosen])))
    fresh = {(one.item.target, one.item.key): one for one in chosen if one.order is None}
    if fresh:
        for order in list(find(delivery.ledger.database, Wanted(run=delivery.ledger.run.id))):
            sent = fresh.get((order.target, order.key))
            if sent is not None:
                delivery.ledger.decide(order, order.state, sent.words(who))
    return receipts


def _chosen(
    file: Path, options: AlmaOptions, base: Path, report: Path | None, institution_file: str | None
) -> list[Replayed]:
    from etl.deadletters.replay import Replay
    from etl.deadletters.sheet import read_sheet
    from etl.institution.check import CodeCheck
    from etl.institution.file import load_institution

    rows = read_sheet(file)
    ledger = options.ledger if "://" in options.ledger else str(base / options.ledger)
    letters = _letters(ledger, options.institution, report, options.language)
    codes: dict[str, CodeCheck] = {}
    if institution_file:
        known = load_institution(Path(institution_file), institution_file)
        codes = {name: CodeCheck(known, name, institution_file) for name in _targets()}
    return Replay(file, {one.ref: one for one in letters if one.ref}, _targets(), codes).orders(rows)


def _letters(ledger: str, institution: str, report: Path | None, language: Language) -> list[Letter]:
    from etl.deadletters.letters import from_ledger, from_report
    from etl.ledger.database import open_database

    found: list[Letter] = []
    if "://" in ledger or Path(ledger).is_file():
        database = open_database(ledger, Path())
        try:
            found += from_ledger(database, institution, language)
        finally:
            database.dispose()
    elif report is None:
        raise Refusal(
            Problem("E818", f'there is no ledger "{ledger}"', mapping=MappingPlace("--ledger"),
                    help="it is made by the first etl run with the alma sink; name it with --ledger")
        )  # fmt: skip
    known = {(one.target, one.key) for one in found}
    from_run = from_report(report, language) if report is not None else ()
    return found + [one for one in from_run if (one.target, one.key) not in known]


def _targets() -> dict[str, Target]:
    from etl.deadletters.columns import FIELDS
    from etl.registry import Registry

    registry = Registry.installed()
    return {name: registry.get("targets", name)() for name in FIELDS}


def _row(letter: Letter, targets: dict[str, Target]) -> dict[str, str]:
    from etl.deadletters.cells import BadCell, cells_of

    row = {
        "cause": letter.cause,
        "key": " + ".join(letter.key),
        "reason": letter.reason,
        "fix": letter.fix,
        "ref": letter.ref,
        "user": letter.user or "",
    }
    if letter.target in targets and letter.payload:
        try:
            row |= cells_of(targets[letter.target], letter.payload)
        except BadCell as error:
            row["reason"] = f"{row['reason']} ({error})"
    return row
