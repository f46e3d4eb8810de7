"""The options of the sink `alma` → what is meant when nothing is said, and how far each may go."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from etl.sinks.alma import AlmaOptions

GIVEN = {"key": "env:A_KEY", "region": "eu"}

# (option, default, the smallest and what is just too small, the largest and what is just too large)
NUMBERS: list[tuple[str, float, tuple[float, float], tuple[float, float] | None]] = [
    ("concurrency", 1, (1, 0), (32, 33)),
    ("per_second", 50, (0, -1), None),
    ("per_minute", 1500, (0, -1), None),
    ("reserve", 1000, (0, -1), None),
    ("timeout", 60, (0.001, 0), (240, 240.001)),
    ("settle_wait", 300, (0, -0.001), (86400, 86400.001)),
    ("max_unknown", 3, (1, 0), None),
    ("max_attempts", 3, (1, 0), None),
]
OTHERS = {
    "base_url": None,
    "ledger": "etl-ledger.sqlite",
    "institution": "alma",
    "profile_code": None,
    "manual_review": False,
    "user_id_type": None,
    "look_first": False,
    "language": "en",
    "ca_file": None,
    "witness": None,
    "proxy": None,
    "format": "json",
}


def test_nothing_said_means_what_is_written_here() -> None:
    meant = AlmaOptions.model_validate(GIVEN).model_dump()
    assert meant == {**GIVEN, **OTHERS, **{name: default for name, default, _, _ in NUMBERS}}


@pytest.mark.parametrize(("name", "default", "low", "high"), NUMBERS)
def test_a_number_may_go_to_its_bound_and_not_beyond(
    name: str, default: float, low: tuple[float, float], high: tuple[float, float] | None
) -> None:
    for inside, outside in (low, high or (10**9, None)):
        assert getattr(AlmaOptions.model_validate({**GIVEN, name: inside}), name) == inside
        if outside is not None:
            with pytest.raises(ValidationError, match=name):
                AlmaOptions.model_validate({**GIVEN, name: outside})


def test_an_institution_has_a_name() -> None:
    assert AlmaOptions.model_validate({**GIVEN, "institution": "a"}).institution == "a"
    with pytest.raises(ValidationError, match="institution"):
        AlmaOptions.model_validate({**GIVEN, "institution": ""})
