"""etl snapshot MAPPING... → do its samples still become what was reviewed?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click

from etl.cli.each_mapping import MISMATCH, UNUSABLE, MappingAnswer, answer_each, mappings_argument
from etl.cli.options import common, option
from etl.cli.output import Format, Output
from etl.cli.render_text import Coloured, Line
from etl.testing.snapshot_files import Difference, compare, update
from etl.testing.snapshots import expected_files, snapshot_folder

_VERBS = {"changed": "changed", "missing": "new", "orphan": "claimed by no document"}
_DONE = {"changed": "changed", "missing": "added", "orphan": "removed"}


@click.command(
    "snapshot",
    epilog="Exit codes: 0 as reviewed or updated, 2 samples cannot be mapped, 3 something differs.",
)
@mappings_argument()
@option("--check/--update", "check", default=True, show_default=True,
              help="Compare; or write what they become now, and remove what nothing claims.")  # fmt: skip
@common
def command(mappings: tuple[str, ...], check: bool, form: Format) -> int:
    """Map the mappings' own samples and compare with the reviewed files beside them.

    The files are in snapshots/MAPPING/SAMPLE/: the payloads as Alma would get them, held ones under
    held/, and problems.txt with counts, sums and every record that became no payload. The run's date is
    held still. A folder is gone through to its end; patterns stand in quotes.
    """
    output = Output(form)

    def snapshot(mapping: str) -> MappingAnswer:
        path = Path(mapping)
        expected, folder = expected_files(path), snapshot_folder(path)
        differences = compare(expected, folder) if check else update(expected, folder)
        _tell(output, differences, folder, check)
        listed = [{"path": str(folder / one.path), "kind": one.kind, "diff": one.diff} for one in differences]
        return MappingAnswer(
            MISMATCH if check and differences else 0,
            tuple(_summary(path, expected, differences, check)),
            facts={"as_reviewed": not differences, "differences": listed},
        )

    words = {0: "as reviewed" if check else "up to date", MISMATCH: "that differ", UNUSABLE: "with errors"}
    return answer_each(mappings, output, snapshot, words)


def _tell(output: Output, differences: Sequence[Difference], folder: Path, check: bool) -> None:
    """The differences: the result of this command, so on standard output."""
    for one in differences if output.form != "json" else ():
        name = str(folder / one.path)
        if output.form == "github":
            level = "error" if check else "notice"
            title = f"snapshot {_VERBS[one.kind]}"
            output.annotate(level, {"file": name, "title": title}, one.diff.split("\n"))
        elif check and one.kind == "missing":  # all of it is new: --update writes it, and git shows it
            output.data(f"{_VERBS[one.kind]}: {name}")
        elif check:
            output.data(f"{_VERBS[one.kind]}: {name}", *map(_coloured, one.diff.split("\n")), "")
        else:
            output.data(f"{_DONE[one.kind]}: {name}")


def _coloured(line: str) -> Line:
    colours = {"+": "green", "-": "red", "@": "cyan"}
    return (Coloured(line, colours[line[0]]),) if line[:1] in colours else line


def _summary(
    mapping: Path, expected: dict[str, bytes], differences: Sequence[Difference], check: bool
) -> list[str]:
    samples = len({name.split("/")[0] for name in expected})
    of = f"{mapping}: {len(expected)} files of {samples} sample{'s' * (samples != 1)}"
    if not differences:
        return [f"{of}, all as reviewed"]
    words = _VERBS if check else _DONE
    counts = Counter[str](one.kind for one in differences)
    told = ", ".join(f"{counts[kind]} {words[kind]}" for kind in words if counts[kind])
    right = [f"  if that is right:  etl snapshot {mapping} --update"] if check else []
    return [f"{of}: {told}", *right]
