"""Encodings that records of MARC did not declare and were read in → the warnings of their file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from etl.plugin import DataPlace, Problem, Severity

ASSUMED: Mapping[str, tuple[str, str]] = {
    "marc-8": ("E362", "MARC-8, which a blank leader/09 means"),
    "latin-1": ("E380", "Latin-1, which their letters speak for"),
    "utf-8": ("E361", "UTF-8, which their bytes are"),
}
"""Encoding → code, and how it was found."""


def assumed_encodings(
    records: Mapping[str, int], file: str, option: str = "", found: Mapping[str, tuple[str, str]] = ASSUMED
) -> Iterator[Problem]:
    """One for each encoding of `records` (encoding → how many). `option` is the one that declares it."""
    for encoding, count in records.items():
        code, how = found[encoding]
        told = f"{count} record{'s' * (count != 1)} with text beyond ASCII read as {how}"
        help_ = f"set  {option}  to make sure of it" if option else None
        yield Problem(code, told, Severity.WARNING, data=DataPlace(file), help=help_)
