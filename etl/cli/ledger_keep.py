"""etl ledger create, … → the ledger as a whole: made, copied, put back, looked through, taken elsewhere."""

from __future__ import annotations

import getpass
from pathlib import Path

import click

from etl.cli.ledger import command, ledger_option, opened
from etl.cli.ledger_decide import BY
from etl.cli.options import PATH, common, legible, option
from etl.cli.output import Format, Output
from etl.cli.render_orders import line_of
from etl.cli.summary import counted

_WITNESS = option(
    "--witness",
    default=None,
    metavar="FILE",
    callback=legible,
    help="The note of its age, where the mapping names one. Default: FILE.witness beside a SQLite ledger.",
)


@command.command("create")
@ledger_option
@common
def create(ledger: str, form: Format) -> int:
    """Make an empty ledger, once, before the first order is sent. Nothing counts as sent in it."""
    from etl.ledger import keeping
    from etl.ledger.database import place_of

    engine = keeping.create(ledger, Path())
    Output(form).say(f"made: {place_of(engine)}")
    engine.dispose()
    return 0


@command.command("backup")
@click.argument("file", type=PATH, metavar="FILE")
@ledger_option
@common
def backup(file: Path, ledger: str, form: Format) -> int:
    """Copy the ledger into FILE, a SQLite file, as it stands at one moment; runs may go on meanwhile.

    FILE may be an older backup of the same ledger. Nobody can send by a backup: etl ledger restore.
    """
    from etl.ledger import keeping

    with opened(ledger, to_read=True) as engine:
        count = keeping.backup(engine, file)
    Output(form).say(f"{file}: {counted(count, 'order')}")
    return 0


@command.command("restore")
@click.argument("file", type=PATH, metavar="FILE")
@option("--force", is_flag=True, help="Although orders are newer than the backup, or it is another ledger's.")
@ledger_option
@common
def restore(file: Path, force: bool, ledger: str, form: Format) -> int:
    """Put the backup FILE in the place of a ledger that was lost, or of an older state of the same.

    What was sent since the backup it does not know: each run stops, unless nothing was, or looks first, until
    etl ledger check --accept.
    """
    from etl.ledger import keeping
    from etl.ledger.database import shown_location

    done = keeping.restore(file, ledger, Path(), force=force)
    output = Output(form)
    for order in done.lost:
        output.say(f"lost: {line_of(order)}")
    output.say(
        f"{shown_location(ledger, Path())}: {counted(done.orders, 'order')}, as of {done.made}",
        "what was sent since it does not know: unless a note says that nothing was, each run stops;",
        "then run with --sink-option look_first=true, until all is found: etl ledger check --accept",
    )
    return 0


@command.command("move")
@click.argument("to", metavar="TO", callback=legible)
@_WITNESS
@ledger_option
@common
def move(to: str, witness: str | None, ledger: str, form: Format) -> int:
    """Take the ledger to TO, a SQLite file or a postgresql:// URL, where none is. It is not in use here then.

    If it is interrupted, the same command ends it.
    """
    from etl.alma.ledger_witness import LedgerWitness
    from etl.ledger import keeping
    from etl.ledger.database import shown_location

    with opened(ledger, to_read=True) as engine:
        count = keeping.move(engine, to, Path())
    with opened(to) as moved:  # a copy of the old one that is put back here is older than this
        LedgerWitness.of(moved, ledger, witness, Path()).note()
    there = shown_location(to, Path())
    Output(form).say(
        f"{there}: {counted(count, 'order')}; {shown_location(ledger, Path())} is not in use any more",
        f"now say so in every mapping: sink: {{ledger: {there}}}",
    )
    return 0


@command.command("check")
@option("--accept", is_flag=True, help="If it is sound: runs go on with it, though it was restored (E804).")
@BY
@_WITNESS
@ledger_option
@common
def check(accept: bool, who: str | None, witness: str | None, ledger: str, form: Format) -> int:
    """Look through the ledger for what contradicts itself: 0 all is well, 1 something does.

    --accept says that what was sent since a restore is known to it by now, or nothing was.
    """
    from etl.alma.ledger_witness import LedgerWitness
    from etl.ledger.database import reading
    from etl.ledger.lifetime import accepted_in, restored_in
    from etl.ledger.soundness import contradictions

    with opened(ledger, to_read=not accept) as engine:
        found = list(contradictions(engine))
        if accept and not found:
            LedgerWitness.of(engine, ledger, witness, Path()).accept(who or getpass.getuser())
        with reading(engine) as connection:
            restored, accepted = restored_in(connection), accepted_in(connection)
    output = Output(form)
    output.problems(found)
    if not found:
        output.say("the ledger is sound")
    if restored is not None:
        output.say(f"restored from a backup of {restored}, and not accepted: runs have to look first (E804)")
    if accepted is not None:
        output.say("accepted at {} by {}: runs go on with it".format(*accepted))
    return 1 if found else 0


@command.command("prune")
@option("--older-than", "days", type=click.IntRange(1), required=True, metavar="DAYS",
        help="Last changed so many days ago.")  # fmt: skip
@option("--dry-run", is_flag=True, help="Say what would be taken away, and take nothing.")
@ledger_option
@common
def prune(days: int, dry_run: bool, ledger: str, form: Format) -> int:
    """Take away payloads, records and words of finished orders that are old. What was ordered stays known.

    Finished is what is posted, dismissed, cancelled, skipped or written; what waits for anything stays whole.
    """
    from etl.ledger.clock import days_ago
    from etl.ledger.retention import prune as pruned

    with opened(ledger) as engine:
        done = pruned(engine, days_ago(days), dry_run=dry_run)
    output = Output(form)
    what = "would lose" if dry_run else "lost"
    output.say(
        f"{counted(done.orders, 'order')} {what} payload, record and words "
        f"({counted(done.characters, 'character')}); "
        f"{counted(done.left, 'order')} as old and not finished: nothing is taken from them"
    )
    _tell_of_file(output, done.compacted)
    return 0


@command.command("erase-person")
@click.argument("user", metavar="USER", callback=legible)
@option("--also-decisions", is_flag=True, help="Also where it says that this person decided something.")
@ledger_option
@common
def erase_person(user: str, also_decisions: bool, ledger: str, form: Format) -> int:
    """Take the identifier USER out of the whole ledger; orders, keys and sums stay.

    It does not reach report folders, backups, and the vendor's files.
    """
    from etl.ledger import erasure

    with opened(ledger) as engine:
        done = erasure.erase_person(engine, user, also_decisions=also_decisions)
    output = Output(form)
    rows = ", ".join(f"{count:,} of {name}" for name, count in done.changed.items())
    output.say(f"rows changed: {rows or 'none'}")
    if done.keys:
        some = ", ".join(map(str, done.keys[:20])) + (" …" if len(done.keys) > 20 else "")
        output.say(f"it is part of the key of orders {some}: keys stay, for orders are known by them")
    if done.deciders:
        decided = counted(done.deciders, "decision")
        output.say(f"{decided} of this person left as they are: --also-decisions")
    _tell_of_file(output, done.compacted)
    output.say("not reached: report folders, sheets, backups of the ledger, the vendor's files, Alma")
    return 0


def _tell_of_file(output: Output, compacted: bool) -> None:
    if not compacted:
        output.say("the file still holds traces, for somebody else is using it: do it again when it is free")
