"""The first records of a delimited text → its delimiter, and why.

A first line `sep=;` (Excel's own) settles it. Otherwise each candidate cuts the first records, quotes
respected, and the one under which most records have as many cells as the first wins; more cells break a
tie.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, replace
from itertools import islice

from etl.plugin import DataPlace, Problem, Refusal

NAMES = {";": "semicolon", ",": "comma", "\t": "tab", "|": "bar"}
_SAMPLE_RECORDS = 50
_IN_VAIN = 16
"""Quotes that are not closed and have been looked for to the end of the sample: then quotes mean nothing."""
_SEP_LINE = re.compile(r'\A"?sep=(.)"?(?:\r\n?|\n|\Z)', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Delimiter:
    """`character`, `why` it was chosen, and whether the first line says so (and is no data)."""

    character: str
    why: str
    sep_line: bool = False


@dataclass(frozen=True, slots=True)
class _Score:
    character: str
    cells: int
    agreement: float


def find_delimiter(name: str, text: str, declared: str, quote: str | None, skip_lines: int) -> Delimiter:
    """`text` is the beginning of the file, whole lines; `declared` a character or "auto".

    Raises Refusal E305 when two candidates fit equally well, or none fits and the text is not one column.
    """
    sep = _SEP_LINE.match(text)
    if declared != "auto":
        return Delimiter(declared, "set by the option delimiter", sep is not None)
    if sep:
        return Delimiter(sep[1], "the file's first line says so (sep=)", sep_line=True)
    sample = "".join(text.splitlines(keepends=True)[skip_lines:])
    scores = [_score(sample, candidate, quote) for candidate in NAMES]
    scores.sort(key=lambda score: (score.agreement, score.cells), reverse=True)
    best, second = scores[:2]
    if best.cells > 1 and (best.agreement, best.cells) == (second.agreement, second.cells):
        told = (
            f"{NAMES[best.character]} and {NAMES[second.character]} both cut the first rows into {best.cells}"
        )
        raise Refusal(_undecided(name, told))
    if best.cells > 1:
        why = f"{best.cells} cells in {best.agreement:.0%} of the first rows, better than any other"
        return Delimiter(best.character, why)
    hidden = max(NAMES, key=lambda candidate: _rows_cut(sample, candidate, quote))
    if _rows_cut(sample, hidden, quote) > 0.5:
        above = skip_lines + _lines_above(sample, hidden)
        if above == skip_lines:
            told = f"the first line has more of {NAMES[hidden]} than the rows after it"
            raise Refusal(_undecided(name, told))
        told = f"the first line has no delimiter, but most rows after it have a {NAMES[hidden]}"
        way_out = f"pass over what stands above the header, under source:  options: {{skip_lines: {above}}}"
        raise Refusal(replace(_undecided(name, told), help=way_out))
    return Delimiter(";", "none found: the file has one column")


def _records(sample: str, candidate: str, quote: str | None) -> list[list[str]]:
    """The first rows that have something in them. A line whose quote never closes is left out, as reading
    rejects it alone: it would swallow the rows below.
    """
    lines = re.findall(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+\Z", sample)
    rows: list[list[str]] = []
    at = in_vain = 0
    while at < len(lines) and len(rows) < _SAMPLE_RECORDS:
        row, taken = _row(lines, at, candidate, quote if in_vain < _IN_VAIN else None)
        at += taken
        if row is None:
            in_vain += 1
        elif any(cell.strip() for cell in row):
            rows.append(row)
    return rows


def _row(lines: list[str], at: int, candidate: str, quote: str | None) -> tuple[list[str] | None, int]:
    """The row that begins there and its lines; None where a quote is not closed at the end of a cell."""
    if quote is None or quote not in lines[at]:
        return lines[at].rstrip("\r\n").split(candidate), 1
    reader = csv.reader(islice(lines, at, None), delimiter=candidate, quotechar=quote, strict=True)
    try:
        return next(reader), reader.line_num
    except csv.Error:
        if reader.line_num > 1 or at + 1 == len(lines):
            return None, 1
    # Text behind a closed quote: under another delimiter that is what a quoted cell looks like.
    return next(csv.reader(lines[at : at + 1], delimiter=candidate, quotechar=quote)), 1


def _score(sample: str, candidate: str, quote: str | None) -> _Score:
    rows = _records(sample, candidate, quote)
    if not rows or len(rows[0]) < 2:
        return _Score(candidate, 1, 0.0)
    width = len(rows[0])
    # empty cells beyond the header are no disagreement about the delimiter
    agreeing = sum(1 for row in rows[1:] if len(row) >= width and not any(map(str.strip, row[width:])))
    share = agreeing / (len(rows) - 1) if len(rows) > 1 else 1.0
    # A header of several cells over rows that never have as many is text with a comma in it.
    return _Score(candidate, width, share) if share > 0 else _Score(candidate, 1, 0.0)


def _rows_cut(sample: str, candidate: str, quote: str | None) -> float:
    rows = _records(sample, candidate, quote)[1:]
    return sum(1 for row in rows if len(row) > 1) / len(rows) if rows else 0.0


def _lines_above(sample: str, delimiter: str) -> int:
    """Lines before the first that is about as wide as the widest."""
    widths = [line.count(delimiter) for line in sample.splitlines()]
    return next(at for at, width in enumerate(widths) if width * 3 >= max(widths) * 2)


def _undecided(name: str, told: str) -> Problem:
    help_ = 'name it:  delimiter: ";"  (or ",", "|", tab)'
    return Problem("E305", f"the delimiter cannot be told: {told}", data=DataPlace(name), help=help_)
