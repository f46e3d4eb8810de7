"""Glued codes come apart where the library's tables say, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.btj.glued import split_glued
from connectors.btj.options import GluedCodes

CODES = st.lists(st.text("ABC", min_size=1, max_size=3), min_size=1, max_size=5, unique=True)


@given(CODES, CODES, st.data(), st.booleans())
def test_a_code_made_of_known_parts_comes_apart_into_known_parts(
    branches: list[str], locations: list[str], data: st.DataObject, year: bool
) -> None:
    branch, location = data.draw(st.sampled_from(branches)), data.draw(st.sampled_from(locations))
    parts = split_glued(branch + location + "2024" * year, branches, locations, year)
    assert parts is not None
    assert parts.branch + parts.location + parts.year == branch + location + "2024" * year
    assert parts.branch in branches
    assert parts.location in locations
    assert len(parts.location) >= len(location)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("HUVBARN2024", ("HUV", "BARN", "2024")),
        ("HUVBARNFAKTA2024", ("HUV", "BARNFAKTA", "2024")),
        ("HUVUNG2024", None),
        ("XXBARN2024", None),
        ("HUVBARN", None),
        ("HUVBARN24", None),
        ("2024", None),
        ("", None),
        ("BARN2024", None),
        ("huvbarn2024", None),
    ],
)
def test_codes(code: str, expected: tuple[str, str, str] | None) -> None:
    assert split_glued(code, ["HUV", "FIL"], ["BARN", "BARNFAKTA"], year=True) == expected


def test_empty_codes_are_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        GluedCodes(branches=("HUV",), locations=(" ",))
