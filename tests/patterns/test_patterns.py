"""No regular expression of the project takes steps that grow faster than the text it is given.

Texts come from vendors, from Alma, from sheets and from whoever calls the simulator: a pattern that takes a square of
steps turns one long cell into hours. Steps are counted, never timed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache

import pytest
from growth import Grown, grown
from pattern_sites import ROOT, Site, sites

from connectors.edifact import periods
from connectors.formats import edifact_segments
from etl.ledger import erasure
from etl.simulator import page_words
from etl.template.written_elsewhere import WRITTEN
from etl.values import counting_words, currency_marks, date_patterns

_BEFORE, _AFTER, _BESIDE = currency_marks._patterns()
_METHODS = {
    "etl/values/currency_marks.py f'\\\\s*(?P<mark>{mark})(?!\\\\p{{L}})\\\\s*'": "match",
}
"""Where the name under which a pattern is kept does not tell how it is used."""
_ERASER = erasure._Eraser('kj "library"')
_SERVICES = (edifact_segments.ServiceString(), edifact_segments.ServiceString(release=b"", terminator=b"]"))
_USERS = (
    "connectors/formats/own_pattern.py pattern",
    "etl/template/filters/patterns.py pattern",
    "etl/template/filters/patterns.py f'(?:{compiled.pattern})|'",
    "etl/testing/record_suite.py self.record",
    "etl/testing/record_suite.py self.trailer",
)
"""Made of what stands in somebody's mapping or tests: nothing of the project's own to count."""
_MADE: dict[str, Sequence[str | bytes]] = {
    "connectors/edifact/periods.py _DAYS[form]": tuple(periods._DAYS.values()),
    "connectors/formats/edifact_segments.py b'(?:[^%b%b]|%b[\\\\r\\\\n]*+[^\\\\r\\\\n])*+' % (stop, release, release)": [
        edifact_segments._terminated(service).pattern for service in _SERVICES
    ],
    "connectors/formats/edifact_segments.py b'[^%b]*+' % stop": [b"[^']*+"],
    "connectors/formats/edifact_segments.py re.escape(service.release) + b'(.)'": [rb"\?(.)"],
    "connectors/formats/editx.py f'{tag}\\\\[([^\\\\]]*)\\\\]'": [r"UnitCost\[([^\]]*)\]"],
    "connectors/formats/marc_parts_read.py tag": ["24.", "..."],
    "connectors/formats/marc_path.py tag": ["24.", "..."],
    "etl/alma/recovery.py row['message']": [
        row["message"]
        for row in tomllib.loads((ROOT / "etl/alma/recovery.toml").read_text(encoding="utf-8"))["row"]
        if "message" in row
    ],
    "etl/ledger/erasure.py f'(?<![^\\\\W_])(?<![0-9][.,])(?:{some})(?![^\\\\W_]|[.,][0-9])'": [
        _ERASER._text.pattern
    ],
    "etl/ledger/erasure.py f'{re.escape(person)}(?=:)'": [_ERASER._decides.pattern],
    "etl/ledger/erasure.py pattern": [pattern.pattern for pattern, _ in _ERASER._bytes],
    "etl/lookups/sheet.py one": [r"""(?<![\w$:])isbn["']?[ \t]*(?:[,;\t]|:?$|:\s)"""],
    "etl/template/syntax_help.py pattern": [pattern for pattern, *_ in WRITTEN],
    "etl/testing/work.py re.escape(mark)": [rb"\$"],
    "etl/simulator/page_words.py pattern": [pattern.pattern for pattern, _ in page_words._REASONS],
    "etl/values/currency_marks.py f'\\\\s*(?P<mark>{mark})(?!\\\\p{{L}})\\\\s*'": [_BEFORE.pattern],
    "etl/values/currency_marks.py f'(?<!\\\\p{{L}})(?P<mark>{mark})\\\\s*$'": [_AFTER.pattern],
    'etl/values/currency_marks.py f"(?:(?<!\\\\p{{L}})(?P<front>{mark})[^\\\\p{{L}}0-9]{{0,4}}?)?(?P<number>[0-9][0-9\\\\s.,\'’]*+)(?:[^\\\\p{{L}}0-9]{{0,4}}?(?P<behind>{mark})(?!\\\\p{{L}}))?"': [
        _BESIDE.pattern
    ],
    "etl/values/counting_words.py f'(?<!\\\\p{{L}})(?:{known}|{tax})(?!\\\\p{{L}})'": [counting_words._words().pattern],
    "etl/run/groups.py f'(?<!\\\\w){re.escape(part)}(?!\\\\w)'": [r"(?<!\w)A\-1(?!\w)"],
    "etl/values/date_patterns.py expression": [
        date_patterns.pattern_of(form).matches.pattern for form in ("YYYY-MM-DD HH:mm:ss", "D/M YYYY")
    ],
}
"""Place of a pattern that only the running program knows → those it makes of the project's own data."""

_SITES = tuple(sites("connectors", "etl"))


def _counted() -> Iterator[Site]:
    for site in _SITES:
        if site.pattern is not None:
            yield site
        for pattern in _MADE.get(site.place, ()):
            yield Site(site.place, pattern, method=_METHODS.get(site.place, site.method))


@cache
def _grown(pattern: str, flags: int, method: str) -> Grown | None:
    return grown(pattern, flags, method)


@pytest.mark.parametrize("site", dict.fromkeys(_counted()), ids=lambda site: f"{site.place}-{site.method}")
def test_no_patterns_steps_grow_faster_than_its_input(site: Site) -> None:
    assert isinstance(site.pattern, str | bytes)
    bytes_too = isinstance(site.pattern, bytes)  # `re` reads them as ASCII, and so the two are counted once
    text = site.pattern.decode("latin-1") if isinstance(site.pattern, bytes) else site.pattern
    assert _grown(text, site.flags | (re.ASCII if bytes_too else 0), site.method) is None


def test_every_pattern_that_only_the_running_program_knows_is_named_here() -> None:
    unseen = {site.place for site in _SITES if site.pattern is None}
    assert unseen == {*_USERS, *_MADE}


@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        (r"(?:\s*[/:;,=]|\s+)+$", "search"),
        (r"\s+$", "search"),
        (r"\s*,", "sub"),
        (r"(a*)*b", "match"),
        (r"(a|aa)+$", "match"),
        (r"a*a*b", "fullmatch"),
        (r"<[^>]*>", "sub"),
        (r"(.+)_(\d+)", "sub"),
        (rb"\d+\.", "search"),
    ],
)
def test_growth_is_found(pattern: str | bytes, method: str) -> None:
    assert grown(pattern, 0, method) is not None


@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        (r"(?<![\s/:;,=])[\s/:;,=]+$", "search"),
        (r"(?<!\s)\s++$", "search"),
        (r"(?>a*)b", "match"),
        (r"(?:a*+)*+b", "match"),
        (r"<[^<>]*>", "sub"),
        (r"(.+)_(\d{1,4})", "fullmatch"),
        (r"\s{0,9}$", "search"),
        (rb"[^']*+", "match"),
    ],
)
def test_patterns_that_take_steps_by_the_character_pass(pattern: str | bytes, method: str) -> None:
    assert grown(pattern, 0, method) is None
