"""etl ledger dead-letters, etl ledger replay → orders that wait, in a sheet, and back."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from etl.cli.alma_options import (
    alma_options,
    chosen_alma,
    institution_name,
    mapping_option,
    only_institution,
)
from etl.cli.at_alma import at_alma
from etl.cli.ledger import command, ledger_option, opened
from etl.cli.ledger_decide import BY
from etl.cli.options import FILE, PATH, OneOf, common, option
from etl.cli.output import Format, Output
from etl.cli.streams import code_said
from etl.cli.summary import counted
from etl.ledger.commands_told import pasted
from etl.problems import Problem, Refusal, Unavailable, of_the_system, unwritable
from etl.run.places import RunPlace, refuse_shared
from etl.run.report import ARRIVED

if TYPE_CHECKING:
    from etl.alma.deliver import Delivery
    from etl.cli.alma_options import Chosen
    from etl.deadletters.columns import Language
    from etl.deadletters.letters import Letter
    from etl.deadletters.replay import Replayed
    from etl.ledger.orders import Order
    from etl.plugin import Receipt, Target

@command.command("dead-letters")
@option("--out", type=PATH, required=True, metavar="FILE",
              help="The sheet to write: .xlsx or .csv.")  # fmt: skip
@mapping_option
@institution_name
@option("--language", type=OneOf(["en", "sv"]), default="en", help="Language of the headings.")
@ledger_option
@common
def dead_letters(
    out: Path,
    mapping: str | None,
    institution: str | None,
    language: str,
    ledger: str,
    form: Format,
) -> int:
    """Write the orders that wait into a sheet, grouped by cause, for a librarian to correct.

    Refused, held and rejected orders, and those that may be sent and were not yet.

    Mark the rows to be sent, correct their cells, and give the file to etl ledger replay. Nothing is sent.
    """
    from etl.deadletters.letters import unknown_at
    from etl.deadletters.sheet import write_sheet
    from etl.ledger.database import shown_location

    if mapping is not None:
        chosen = chosen_alma(mapping, {"institution": institution}, ledger)
        ledger, institution = chosen.ledger, chosen.options.institution
    sheet = RunPlace("sheet", str(out), written=True)
    of_ledger = [RunPlace("ledger", ledger)] if "://" not in ledger else []
    refuse_shared([sheet, *of_ledger, *([RunPlace("mapping", mapping)] if mapping else [])])
    institution = institution or only_institution(ledger) or "alma"
    found = _letters(ledger, institution, cast("Language", language))
    with opened(ledger, to_read=True) as database:
        unknown = unknown_at(database, institution)
    targets, place = _targets(), shown_location(ledger, Path())
    rows = [
        _row(letter, targets, cast("Language", language), place)
        for letter in sorted(found, key=lambda one: (one.cause, one.key))
    ]
    try:
        write_sheet(out, rows, cast("Language", language))
    except OSError as error:
        raise unwritable("E849", out, error) from None
    output = Output(form, ledger=place)
    causes: dict[str, int] = {}
    for row in rows:
        causes[row["cause"]] = causes.get(row["cause"], 0) + 1
    for cause, count in causes.items():
        output.say(f"  {count:,}  {cause}")
    output.say(f"{out}: {counted(len(rows), 'order')}")
    if unknown:
        are = "is" if unknown == 1 else "are"
        output.say(f"{counted(unknown, 'order')} {are} unknown and not in the sheet: etl ledger resolve")
    return 0


@command.command("replay")
@click.argument("file", type=PATH)
@mapping_option
@option("--institution-file", type=FILE, metavar="FILE",
        help="Institution file (etl pull) that codes are checked against.")  # fmt: skip
@BY
@option("--yes", is_flag=True, help="Do not ask.")
@ledger_option
@alma_options
@common
def replay(
    file: Path,
    mapping: str | None,
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
    chosen = chosen_alma(mapping, alma, ledger)
    if chosen.spec is not None:
        from etl.cli.verify import own_institution

        institution_file = institution_file or own_institution(chosen.spec)
    output, name = Output(form, ledger=chosen.shown), who or getpass.getuser()
    try:
        marked = _marked(file, chosen, institution_file)
    except Refusal as bad:
        if bad.problems[0].code not in ("E856", "E857"):
            raise
        output.every(bad.problems)
        return 2
    for one in marked:
        output.say(f"{' + '.join(one.item.key)}  {one.words(name)}")
    if not marked:
        output.say(f'no row of "{file}" is marked to be sent')
        return 0
    warnings = [problem for one in marked for problem in one.warnings]
    if form != "json":  # there, everything is one document, at the end
        output.problems(warnings)
        warnings = []
    if not yes and not sys.stdin.isatty():
        raise click.UsageError("nothing was sent: without a terminal to ask, say --yes")
    if not yes and not output.agreed(f"send {counted(len(marked), 'order')}?"):
        raise click.Abort
    receipts, reason = _sent(chosen, marked, name)
    delivered = any(receipt.outcome in ARRIVED for receipt in receipts)
    output.problems([*warnings, *(one.problem for one in receipts if one.problem is not None)])
    counts = {receipt.outcome: 0 for receipt in receipts}
    for receipt in receipts:
        counts[receipt.outcome] += 1
    output.say(", ".join(f"{count:,} {outcome}" for outcome, count in counts.items()) or "nothing was sent")
    if reason is not None:
        output.say(_LEFT)
        if delivered and isinstance(reason, Refusal) and not isinstance(reason, Unavailable):
            output.problems(reason.problems)
            return 6
        raise reason
    return code_said(0 if set(counts) <= {"posted", "already posted"} else 1, delivered=delivered)


# --------------------------------------------------------------------------------------------- inside


_LEFT = (
    "what was not sent keeps its corrections: the next run of its file sends it so, or a new sheet from "
    "etl ledger dead-letters"
)


def _sent(
    chosen: Chosen, marked: list[Replayed], who: str
) -> tuple[Sequence[Receipt], Refusal | KeyboardInterrupt | None]:
    """What became of the orders, and what ended it before its time."""
    receipts: list[Receipt] = []
    with at_alma(chosen.options, chosen.base) as delivery:
        _refuse_what_is_there(delivery, [one.order for one in marked if one.order.in_doubt])
        _write_down(delivery, marked, who)
        try:
            for receipt in delivery.deliver(iter([one.item for one in marked])):
                receipts.append(receipt)
        except (Refusal, KeyboardInterrupt) as reason:
            return receipts, reason
        except (OSError, MemoryError) as error:
            return receipts, Refusal(of_the_system(error))
    return receipts, None


def _refuse_what_is_there(delivery: Delivery, doubtful: list[Order]) -> None:
    """Raises Refusal (E826) with every order that Alma has, or may have: what was sent is looked for, and not
    what the sheet makes of it.
    """
    from etl.alma.by_hand import agreed_absence

    problems: list[Problem] = []
    for order in doubtful:
        try:
            agreed_absence(delivery.inquiry, order, delivery.judge.language)
        except Refusal as refusal:
            (problem,) = refusal.problems
            if problem.code != "E826":
                raise
            fix = (
                f"nothing of the sheet was sent. If it is the order: etl ledger resolve {order.id} --posted "
                f"NUMBER; if none is: etl ledger release {order.id} --force, then make a new sheet"
            )
            message = f'order {order.id} ("{order.shown}"): {problem.message}'
            problems.append(replace(problem, message=message, help=fix))
    if problems:
        raise Refusal(problems)


def _write_down(delivery: Delivery, marked: list[Replayed], who: str) -> None:
    """Every correction, and who made it, before the first order is sent: whatever ends this run, the next one
    sends what the person decided and not what the mapping made.
    """
    from etl.ledger.orders import State

    for one in marked:
        said = {"another": who} if one.order.looks_like else {}
        said |= {"passed": who} if one.order.causes else {}
        columns = one.correction() | said
        if not delivery.ledger.decide(
            one.order, State.RELEASED, one.words(who), (), one.known_by(), **columns
        ):
            shown = f'order {one.order.id} ("{one.order.shown}")'
            words = f"{shown} has just been changed by another process"
            raise Refusal(Problem("E817", words, help="nothing of the sheet was sent; make a new one"))


def _marked(file: Path, chosen: Chosen, institution_file: str | None) -> list[Replayed]:
    from etl.deadletters.replay import Replay
    from etl.deadletters.sheet import read_sheet
    from etl.institution.check import CodeCheck
    from etl.institution.file import load_institution
    from etl.ledger.destinations import only_alma

    rows = read_sheet(file)
    options = chosen.options
    with opened(chosen.ledger, to_read=True) as database:
        only_alma(database, options.institution)
    letters = _letters(chosen.ledger, options.institution, options.language)
    codes: dict[str, CodeCheck] = {}
    if institution_file:
        known = load_institution(Path(institution_file), institution_file)
        codes = {name: CodeCheck(known, name, institution_file) for name in _targets()}
    return Replay(
        file, {one.ref: one for one in letters if one.ref}, _targets(), codes, options.language
    ).orders(rows)


def _letters(ledger: str, institution: str, language: Language) -> list[Letter]:
    from etl.deadletters.letters import from_ledger

    with opened(ledger, to_read=True) as database:
        return list(from_ledger(database, institution, language))


def _targets() -> dict[str, Target]:
    from etl.deadletters.columns import FIELDS
    from etl.registry import Registry

    registry = Registry.installed()
    return {name: registry.get("targets", name)() for name in FIELDS}


def _row(letter: Letter, targets: dict[str, Target], language: Language, ledger: str) -> dict[str, str]:
    from etl.deadletters.cells import cells_of
    from etl.deadletters.said import BadCell

    row = {
        "cause": letter.cause,
        "key": " + ".join(letter.key),
        "id": str(letter.order.id),
        "place": str(letter.order.place or ""),
        "reason": letter.reason,
        "fix": pasted(letter.fix, ledger),
        "ref": letter.ref,
        "user": letter.user or "",
    }
    if not letter.payload:  # only to be read: what is no document is not sent from here
        row |= {name: getattr(letter.order, name) or "" for name in ("title", "isbn", "vendor")}
    elif letter.target in targets:
        try:
            row |= cells_of(targets[letter.target], letter.payload)
        except BadCell as error:
            row["reason"] = f"{row['reason']} ({error.said(language)})"
    return row
