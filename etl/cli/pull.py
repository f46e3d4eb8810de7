"""etl pull --institution-file FILE → the institution's codes, in a file to commit."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from etl.cli.alma_options import address_options, chosen_alma, mapping_option
from etl.cli.options import PATH, common, option
from etl.cli.output import Format, Output
from etl.cli.summary import counted
from etl.institution.model import Institution
from etl.own_files import refuse_others
from etl.run.places import RunPlace, refuse_shared


@click.command("pull")
@option(
    "--institution-file",
    "file",
    type=PATH,
    required=True,
    metavar="FILE",
    help="The file to write; an older one is replaced.",
)
@mapping_option
@address_options
@common
def command(file: Path, mapping: str | None, form: Format, **alma: Any) -> int:
    """Read libraries, locations, funds, vendors and code tables from Alma; nothing in Alma is changed.

    Commit the file and name it in mappings (institution: FILE): codes are checked before anything is sent.
    The key needs to read Acquisitions and Configuration; what it may not read is left out, and not checked.
    """
    from etl.alma.client import AlmaClient
    from etl.alma.pull import Puller
    from etl.institution.file import is_institution, write_institution
    from etl.sinks.alma import wire_for

    chosen = chosen_alma(mapping, alma)
    options = chosen.options
    refuse_shared([RunPlace("institution file", str(file), written=True), *chosen.places()])
    refuse_others(file, is_institution)  # before thousands of calls are made
    output = Output(form)
    wire = wire_for(options, chosen.base)
    try:
        puller = Puller(
            AlmaClient(wire), language=options.language, told=lambda what: output.say(f"reading {what}")
        )
        pulled = puller.pull(str(options.address), datetime.now(UTC).astimezone().date())
    finally:
        wire.close()
    write_institution(file, pulled)
    output.problems(puller.warnings)
    left = f", {puller.remaining:,} left today" if puller.remaining is not None else ""
    output.say(f"{file}: {_counts(pulled)} ({counted(puller.calls, 'call')}{left})")
    return 0


def _counts(found: Institution) -> str:
    shelves = sum(len(one.locations) for one in found.libraries.values())
    return ", ".join(
        (
            counted(len(found.libraries), "library", "libraries"),
            counted(shelves, "location"),
            counted(len(found.vendors), "vendor"),
            counted(len(found.funds), "fund"),
            counted(len(found.tables), "code table"),
        )
    )
