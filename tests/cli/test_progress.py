"""The bar of a long run."""

from __future__ import annotations

import pytest

from etl.cli.progress import bar, progress_bar


@pytest.mark.parametrize(
    ("share", "begins"),
    [
        (0.0, "[.............................."),
        (0.5, "[###############..............."),
        (1.0, "[##############################] 100 %"),
    ],
)
def test_a_known_share_is_a_bar(share: float, begins: str) -> None:
    assert bar(1000, 2, share).startswith(begins)
    assert "1,000 records, 500 a second" in bar(1000, 2, share)


def test_an_unknown_share_is_a_count() -> None:
    assert bar(1000, 2, None) == "1,000 records, 500 a second "


def test_nothing_is_drawn_where_nobody_watches(capfd: pytest.CaptureFixture[str]) -> None:
    with progress_bar() as advance:
        advance(0.5)
    assert capfd.readouterr().err == ""
