"""A lookup file, or rows in a mapping → a table."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from etl.lookups.csv_sheet import read_csv
from etl.lookups.sheet import is_table, sheet_of
from etl.lookups.table import Table, build_table
from etl.lookups.yaml_sheet import read_yaml
from etl.problems import MappingPlace, Problem, Refusal
from etl.regular_files import UnfitFile, read_file

MAX_TABLE = 32 << 20
"""Bytes of one file."""
_CSV, _YAML = (".csv", ".tsv", ".txt"), (".yaml", ".yml")


def load_table(
    file: Path,
    shown: str,
    key: tuple[str, ...],
    *,
    case_insensitive: bool = False,
    place: MappingPlace | None = None,
) -> Table:
    """Read a CSV or YAML table in UTF-8. `shown` names it in messages, `place` is where the mapping does.

    Raises Refusal with every problem of the file, each with file and line.
    """
    suffix = file.suffix.lower()
    if suffix not in _CSV + _YAML:
        message = f'"{shown}" is no kind of file that lookups can be read from'
        raise Refusal(Problem("E450", message, mapping=place, help="known: " + " ".join(_CSV + _YAML)))
    text = _text(file, shown, place)
    sheet, found = read_csv(text, shown) if suffix in _CSV else read_yaml(text, shown, key)
    try:
        return build_table(sheet, found, shown, key, case_insensitive, place)
    except Refusal as refusal:
        too_large = any(problem.code == "E463" for problem in refusal.problems)
        if too_large or not text.strip() or is_table(sheet, found, text, key):
            raise
        places = [problem.mapping for problem in refusal.problems if problem.mapping is not None]
        lines = [one.line for one in places if one.file == shown and one.line]
    # Whatever it is, it may be nobody's to read: not a word of it is repeated.
    wanted = ", ".join(f'"{name}"' for name in key)
    message = f'"{shown}" is no table with the key {wanted}'
    if lines:
        message += f": look at line {lines[0]}"
    help_text = (
        "CSV names its columns in the first line; YAML is a list of rows, or has columns below each key"
    )
    raise Refusal(Problem("E464", message, mapping=place or MappingPlace(shown), help=help_text))


def inline_table(
    rows: Iterable[tuple[dict[str, str | None], MappingPlace]],
    key: tuple[str, ...],
    *,
    shown: str = "the table",
    case_insensitive: bool = False,
    place: MappingPlace | None = None,
) -> Table:
    """A table from rows that stand in the mapping itself. Raises Refusal with every problem."""
    listed = list(rows)
    if not listed:
        raise Refusal(Problem("E455", f"{shown} holds no rows", mapping=place))
    sheet, found = sheet_of(listed)
    return build_table(sheet, found, shown, key, case_insensitive, place)


def _text(file: Path, shown: str, place: MappingPlace | None) -> str:
    try:
        raw = read_file(file, MAX_TABLE)
    except UnfitFile as error:
        message = f'cannot read "{shown}": {error.strerror}'
        raise Refusal(Problem("E463", message, mapping=place)) from None
    except OSError as error:
        why = error.strerror or type(error).__name__
        help_text = "the path is relative to the file that names it"
        raise Refusal(
            Problem("E450", f'cannot read "{shown}": {why}', mapping=place, help=help_text)
        ) from None
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refusal(_not_utf8(shown, 1, "it is UTF-16"))
    if (at := raw.find(b"\0")) >= 0:
        raise Refusal(_not_utf8(shown, raw.count(b"\n", 0, at) + 1, "it has a zero byte"))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise Refusal(
            _not_utf8(shown, line, f"byte {raw[error.start]:#04x} at offset {error.start}")
        ) from None


def _not_utf8(shown: str, line: int, why: str) -> Problem:
    help_text = 'save the file again as UTF-8 (Excel: "CSV UTF-8")'
    return Problem("E451", f"the file is not UTF-8: {why}", mapping=MappingPlace(shown, line), help=help_text)
